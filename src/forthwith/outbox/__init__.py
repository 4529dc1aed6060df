"""The post room: what leaves, in which words, and its delivery."""
