"""The words of home-made bounces, as general patterns rather than one parser for each mail server."""

from __future__ import annotations

import re

_A = r"([^\s<>@:,;\"'()\[\]=|：，、；]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9_-]{0,62}\.){0,8}[A-Za-z0-9_-]{1,62})"
ADDRESS = re.compile(r"[^\s<>@:,;\"'()\[\]|：，、；]{1,64}@[A-Za-z0-9][A-Za-z0-9_.-]{0,190}")

SURE_SUBJECT = re.compile(
    r"\s*(?:undelivered mail returned to sender|returned mail: see transcript|mail delivery (?:failed"
    r"|failure|problem)"
    r"|delivery status notification|failure notice|undeliverable(?: mail| message)?:|delivery (?:has )?failed"
    r"|message undeliverable|unzustellbar:|non remis|no se puede entregar|mail could not be delivered)",
    re.IGNORECASE,
)
SUBJECT = re.compile(
    r"undeliver|returned (?:e-?)?mail|return(?:ed)? to sender|mail delivery|delivery (?:status"
    r"|warning|fail|problem|error|report|"
    r"notification|time-?out|delay|unsuccess)|failure (?:notice|delivery)|mail failed|rejected mail"
    r"|failed (?:mail|delivery)|message (?:status|"
    r"delay|not delivered)|mail (?:error|not delivered|system error|returned|failure|delay)"
    r"|not delivered|non[- ]?deliver"
    r"|delayed mail|warning: .*(?:delay|not sent|could not|message|user unknown)"
    r"|could not (?:be delivered|send)|bounce"
    r"|user unknown|unknown (?:user|recipient|address)|nondeliverable|unzustellbar|nicht zugestellt|zustell"
    r"|non (?:remis|distribu)|échec de (?:la )?(?:remise|livraison)|inconnu|non recensé"
    r"|no se (?:ha )?pu?ede? entregar"
    r"|no entregado|devuelto|mancato recapito|mancata consegna|non recapitabile|onbestelbaar|niet afgeleverd"
    r"|não (?:foi )?entregue|falha na entrega|nie dostarczono|niedoręcz|kunde inte levereras"
    r"|olevererbar|ikke leveret"
    r"|teslim edile|iletileme|전송 ?실패|발송 ?실패|수신 ?실패|投遞失敗|未送达|未送達|toimittaminen epäonnistui"
    r"|nedoručiteln|teslim edilemedi|ulaştırılamadı|전달되지|전송(?:에)? 실패|발송(?:에)? 실패"
    r"|не (?:может быть )?доставлен|недоставлен|配信(?:不能"
    r"|エラー)|送信(?:エラー|できません)"
    r"|配信できませんでした|退信|退件|无法投递|投递失败|배달(?:되지| 실패)|반송",
    re.IGNORECASE,
)
REGRET = re.compile(
    r"(?:could|can|was|were|has|have|is)(?:\s?n[o']t|not)\s+(?:yet\s+)?(?:been\s+"
    r"|be\s+)?(?:able to be )?(?:deliver|sent|reach|complet)"
    r"|not (?:been )?(?:able to )?(?:deliver|reach)(?:ed)?|unable to deliver|wasn't able to deliver"
    r"|undeliver|delivery (?:to|of|has)"
    r".{0,80}(?:fail|delay)|fail(?:ed|ure) (?:to|in) deliver|did not (?:reach|receive)"
    r"|delivery (?:attempt|error|failed|failure|notification)"
    r"|transport error|user(?: is)? unknown|unknown user|no such (?:user|account|address|mailbox"
    r"|person|recipient)|fatal errors|permanent(?: fatal)? (?:error|failure)"
    r"|returned (?:to sender|mail|message|undeliver)|mailbox (?:is )?(?:full|unavailable|not found"
    r"|disabled|has exceeded)|over quota|quota exceeded"
    r"|not a valid (?:user|address|mailbox|recipient)|not listed in|doesn'?t have an? .{0,40}account"
    r"|does not exist|recipient.{0,40}(?:reject|fail"
    r"|not recogni)|has been (?:blocked|rejected|returned|suspended)"
    r"|was automatically rejected|invalid .{0,20}(?:user|recipient|address|mailbox)"
    r"|error was detected|encountered delivery problems|has been postponed"
    r"|rejected (?:your|the|by)|message (?:was )?(?:delayed|refused)|following address"
    r"|still (?:in the|being|queued)|will (?:keep|continue) trying"
    r"|konnte nicht|nicht zugestellt|unzustellbar|n'a pas pu|non remis|n'existe pas|no (?:se )?pud"
    r"|no ha podido|non (?:è stato|recapit)"
    r"|niet (?:worden )?(?:bezorgd|afgeleverd)|não (?:foi|pôde)|nie (?:można|mogła)|не (?:может"
    r"|удалось|было)|kunde inte|配信でき|送信でき|存在しない|无法|無法|退回|전달하지",
    re.IGNORECASE,
)
# How a server begins, and no person does.
FORMAL = re.compile(
    r"(?:to|for) the following (?:e-?mail )?(?:recipient|user|address)|failed recipients?\b|non-?delivery report"
    r"|the following (?:recipient|address)(?:es|s|\(e?s\))?.{0,40}(?:fail|could not|cannot|not reached)"
    r"|this is an automatically generated|this message was created automatically",
    re.IGNORECASE,
)
# Answers of a person's robot and of list managers look like reports about mail; they are none.
NO_BOUNCE = re.compile(
    r"\bi am (?:currently )?(?:out of|away|on (?:vacation|leave|holiday))|\bi will be (?:out of|away)"
    r"|i'm (?:away|out of)"
    r"|ich bin (?:derzeit |bis )?(?:nicht|im urlaub|außer)|awaits moderator|waiting for moderator"
    r"|held for (?:moderat|approval)"
    r"|your request .{0,40}has been received|thank you for (?:contacting|your (?:e-?mail|message|request))",
    re.IGNORECASE,
)
DELAYED = re.compile(
    r"delayed\b|\bwarning\b.{0,80}(?:not sent|could not|delay|message|deliver)|warning message only"
    r"|no need to (?:resend|retransmit)|do not (?:need to )?(?:resend|retransmit)"
    r"|will (?:keep|continue) (?:on )?(?:to )?try|still (?:being|in the (?:mail )?queue|trying"
    r"|queued)|not yet been delivered|(?:has|have) not yet"
    r"|delivery attempts will continue|will be retried|verzögert|temporarily (?:deferred|unable)|retried for",
    re.IGNORECASE,
)
ORIGINAL_BEGINS = re.compile(
    r"^[ \t>]*(?:[-=_*]{2,}[ \t]*(?:below this line|the (?:following (?:message|mail|text|is)|body"
    r"|header)|this is a copy|original (?:message|mail)|message (?:header|text|follow|content)"
    r"|(?:the )?(?:un)?(?:sent|returned|delivered|deliverable) (?:message|mail)|returned (?:message"
    r"|mail)|included is|details\b|start of|beginning of|copy of|headers?\b|full message|forwarded"
    r"|message headers|body of|transcript of message|a copy of|enclosed)"
    r"|(?:original|returned|rejected|your|unsent) (?:message|mail)(?: headers?| text)? (?:follows"
    r"|is (?:below|attached|included)|:)|original message(?:-| )(?:headers|text|details)?:?[ \t]*$"
    r"|(?:the|a copy of the) (?:original |first |message |mail )[^\n]{0,60}(?:follows|below|attached)"
    r"|message text follows|the text of your message|included below|below is (?:a copy|the|your)"
    r"|received:[ \t]*(?:from|by|\()|return-path:[ \t]*<|reporting-mta:[ \t]*dns;[^\n]*\n\n\n\n)",
    re.IGNORECASE | re.MULTILINE,
)
LONE_ADDRESS = re.compile(
    r"^[ \t>*•-]{0,16}(?:\d{1,3}[.)][ \t]*)?(?:(?:e-?mail|address|user|recipient|to|smtp|rfc822"
    r"|mailto)(?![\w@.+-])[ \t:;=]{0,6})?[<\"'(\[]{0,2}" + _A + r"[>\"')\]]{0,2}[ \t]{0,8}[:;,.]{0,3}[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
# A provider that names its own users without their domain.
BARE_NAME = re.compile(
    r"following recipients?\b[^:]{0,200}:\s{1,8}([A-Za-z][\w.-]{1,60})[ \t]*$", re.IGNORECASE | re.MULTILINE
)
# Lines in which an address is certainly the one that failed. Each is bounded to one line.
SURE_LINES = tuple(
    re.compile(pattern, re.IGNORECASE | re.MULTILINE)
    for pattern in (
        r"^[ \t>*•-]{0,12}[<\[]" + _A + r"[>\]][ \t]{0,4}(?::|\.\.\.|\()",
        r"^[ \t>*•-]{0,12}<?" + _A + r">?[ \t]{0,4}(?:\.\.\.|:|-|--|;|,)[ \t]{0,8}(?=[^\n]{0,120}(?:unknown|no such"
        r"|not (?:exist|found|known|listed|valid|deliver)|fail|reject|refus|full|quota|disabl|invalid"
        r"|unreach|unrout"
        r"|denied|error|inactive|expired|does ?n|has moved|5\d\d|4\d\d))",
        r"(?:error|problem|failure) delivering (?:your |the )?(?:mail|message) to <?" + _A,
        r"^[ \t]{0,4}(?:failed recipient|error-for|rcpt to)[ \t]*:[ \t]*<?" + _A,
    )
)
FAILED_LINES = tuple(
    re.compile(pattern, re.IGNORECASE | re.MULTILINE)
    for pattern in (
        r"(?:recipient|recipients|user|address(?:es)?|addressee|mailbox|account|destinataire|empfänger"
        r"|destinatario|delivery to|deliver (?:to|mail to|message to)|message (?:to|for)|mail to|sent to"
        r"|failed for|reach|for user|addressed to|addressed|error-for"
        r"|delivered to)(?![\w@.+-])[ \t]*(?:address(?:es)?|name"
        r"|\(e?s\))?(?![\w@.+-])[ \t]*[:=]?[ \t\n]{0,12}[<\"'(\[]{0,2}(?:smtp:|rfc822;[ \t]*|mailto:)?" + _A,
        r"(?:rcpt to|smtp=|smtp:|rfc822;)[ \t]*:?[ \t]*<?" + _A,
        r"^[^\n]{0,80}<"
        + _A
        + r">[^\n]{0,60}(?:unknown|no such|not (?:exist|found|known|listed|valid)|full|quota|disabled|invalid)",
        r"^[ \t]{0,8}<?"
        + _A
        + r">?[ \t]{1,8}(?:\(|on [A-Z][a-z]{2},|is (?:not|un|inv|over|dis)|has |was |does|mailbox|user"
        r"|account|no )",
        r"(?:55\d|45\d)[ -][^\n]{0,60}[<\"'(\[ ]" + _A,
    )
)
# Reason words to status codes (RFC 3463), for reports that give no code of their own; the first that fits.
REASONS = tuple(
    (re.compile(pattern, re.IGNORECASE), status)
    for pattern, status in (
        (r"host (?:unknown|not found)|unknown host|domain (?:not found|does not exist|unknown)"
            r"|no such (?:domain|host)|name or service not known|nxdomain|unrouteable (?:mail )?domain"
            r"|(?:couldn't|cannot|could not) find any host|recipient address rejected: domain not found|no mx"
            r"|dns error", "5.1.2"),
        (r"has moved|address changed|no longer (?:with|at|works|in use)|new address", "5.1.6"),
        (r"user (?:is )?(?:unknown|not (?:found|known|listed))|unknown (?:user|local part|recipient"
            r"|address|mailbox)|no such (?:user|account|address|mailbox|person|recipient|local)|does(?: not"
            r"|n't) (?:exist|have an?)|unknown or illegal|not (?:a )?(?:known|valid) (?:user|recipient"
            r"|mailbox)|not listed in|invalid (?:recipient|mailbox|address|user)"
            r"|no mail ?box (?:here |found|available)|bad[_ ]recipient|not an active (?:address|user|account)"
            r"|nie istnieje"
            r"|unbekannte[rn]? (?:empfänger|benutzer)|(?:usuario|utilisateur|usuário|utente) (?:desconocido"
            r"|desconhecido"
            r"|sconosciuto)|bulunamadı"
            r"|не удалось найти (?:пользовател|получател|адресат)"
            r"|존재하지 않|없는 (?:사용자|계정)|宛先が見つかりません|不存在|查无此|查無此"
            r"|не (?:существует|найден)|пользовател\w+ не|no existe|não existe|non esiste|existiert nicht|finns inte"
            r"|bestaat niet|neexistuje|nem létezik|不存在|存在しません|(?:mailbox|account|address) (?:not found|unknown"
            r"|unavailable)|recipient (?:not found|unknown|rejected|name is not recognized)|not our customer"
            r"|unknown recip|n'existe pas|inconnu|addressee unknown|user not exist|bad destination mailbox", "5.1.1"),
        (r"full mail ?box|(?:boîte|messagerie)[^\n]{0,30}(?:pleine|saturée)|переполнен|postbus[^\n]{0,20}vol"
            r"|postfach[^\n]{0,30}voll"
            r"|casella[^\n]{0,30}piena|caixa[^\n]{0,30}cheia|buz[óo]n[^\n]{0,30}lleno"
            r"|skrzynka[^\n]{0,40}(?:pełna|przepełniona)"
            r"|inkorgen? är full|邮箱已?满|信箱已?滿|容量[^\n]{0,10}(?:超|満|不足)|용량[^\n]{0,6}초과"
            r"|mail ?box space not enough|zu ?viele mails|disk space limit|max(?:imum)? (?:mailbox"
            r"|storage) (?:size|limit)|(?:mailbox|quota|inbox|maildir|account)[^\n]{0,40}(?:full|exceed"
            r"|over)|over[- ]?quota|quota exceeded|exceeded storage|insufficient (?:disk|storage)|disk quota", "5.2.2"),
        (r"(?:account|mailbox|user|recipient)[^\n]{0,40}(?:disabled|suspended|inactive|expired|closed"
            r"|locked|deactivated)", "5.2.1"),
        (r"(?:message|mail)[^\n]{0,40}(?:too (?:big|large)|exceeds?[^\n]{0,20}(?:size|limit|maximum))"
            r"|max(?:imum)? message size|size limit", "5.3.4"),
        (r"too many hops|mail loop|loops? back|routing loop|message looping", "5.4.6"),
        (r"relay(?:ing)? (?:is )?(?:denied|not (?:permitted|allowed))|not (?:permitted|allowed) to relay"
            r"|unable to relay|we do not relay", "5.7.1"),
        (r"spam|virus|blocked|blacklist|block list|policy|not accepting mail from|access denied"
            r"|rejected (?:for|due)", "5.7.1"),
        (r"too long|timed? ?out|retry time|expired|in the queue|unable to (?:establish|connect)"
            r"|connection (?:refused|timed)|host (?:is )?(?:down|unreachable)|could not connect"
            r"|not responding", "4.4.7"),
    )
)  # fmt: skip
CODES = {
    "421": "4.3.2",
    "450": "4.2.1",
    "451": "4.3.0",
    "452": "4.2.2",
    "550": "5.1.1",
    "551": "5.1.6",
    "552": "5.2.2",
    "553": "5.1.3",
    "554": "5.0.0",
}
