"""The workbench: the SOP's seven steps in its order, and the workflow that joins them."""
