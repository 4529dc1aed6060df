"""Mail domains at which anybody can have an address, so that they say nothing of whom somebody belongs to.

The large ones of the world and of countries; whoever misses one adds it here.
"""

from __future__ import annotations

_BRANDS = """
aol freenet gmail gmx googlemail hotmail icloud live mail msn outlook proton protonmail rocketmail tutanota web yahoo
yandex ymail zoho
"""
"""Providers with a domain in many countries: `yahoo.fr`, `yahoo.co.uk`."""
_DOMAINS = """
126.com 139.com 163.com 21cn.com 263.net abv.bg alice.it aliyun.com arcor.de att.net bellsouth.net bigpond.com
bk.ru blueyonder.co.uk bluewin.ch bol.com.br btinternet.com centrum.cz charter.net comcast.net cox.net daum.net
duck.com earthlink.net eircom.net email.cz email.de fastmail.com fastmail.fm foxmail.com free.fr hanmail.net
hey.com home.nl hushmail.com ig.com.br inbox.com inbox.lv inbox.ru interia.pl kpnmail.nl laposte.net libero.it
list.ru mac.com mailbox.org mailfence.com me.com nate.com naver.com neuf.fr ntlworld.com o2.pl online.de
onet.pl optonline.net optusnet.com.au orange.fr passport.com pm.me posteo.de posteo.net qq.com rambler.ru
rediffmail.com riseup.net sapo.pt sbcglobal.net seznam.cz sfr.fr shaw.ca sina.com skynet.be sky.com sohu.com
startmail.com sunrise.ch sympatico.ca t-online.de talktalk.net telenet.be telia.com tin.it tiscali.it tuta.com
tuta.io ukr.net uol.com.br verizon.net virgilio.it virginmedia.com wanadoo.fr wp.pl xtra.co.nz ya.ru yeah.net
ziggo.nl
"""

_NAMES, _ONES = frozenset(_BRANDS.split()), frozenset(_DOMAINS.split())


def is_public(domain: str) -> bool:
    """Whether this domain, in small letters, is one of them."""
    brand, _, rest = domain.partition(".")
    return domain in _ONES or (brand in _NAMES and _is_country_s(rest))


def _is_country_s(ending: str) -> bool:
    """`com`, `de`, `co.uk`, `com.br`: what countries and the first registries end with."""
    parts = ending.split(".")
    return len(parts) <= 2 and all(1 < len(part) <= 3 for part in parts)
