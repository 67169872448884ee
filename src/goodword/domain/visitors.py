"""Who follows a link, as far as a request tells: a person, somebody's link preview, or a machine; and on what.

The tables are short on purpose: what a preview fetcher or a robot calls itself changes seldom, nearly all of them say
so, what has no browser's name is no browser, and a visit that is taken for one too many is worse for nobody than a
person who is taken for a robot.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from goodword.domain import ids

VISIT, PREVIEW, BOT = "visit", "preview", "bot"
"""A person; what shows a link before somebody follows it (chat apps, mail scanners, a browser that loads ahead); any
other machine. Only the first is a visit."""

_IN_APP = re.compile(
    r"FBAN|FBAV|FB_IAB|Instagram|LinkedInApp|Twitter for|MicroMessenger|Snapchat/|\[Pinterest/|musical_ly"
    r"|^Mozilla/5\.0 \(.*Mobile.*(?:WhatsApp|Viber|Telegram-Android)/"
)
"""Browsers inside of apps: people, though some name a company whose fetcher has the same name."""
_BROWSER = re.compile(r"(?:Mozilla/\d\.\d|Opera/\d|UCWEB|Nokia|BlackBerry|SAMSUNG|SonyEricsson|LG-)[^(]*\([^)]")
"""How every browser's name begins: what it is, and in brackets on what. Nothing else is a person's."""
_NO_BROWSER = re.compile(r"compatible; (?!MSIE|Konqueror)|https?://|[a-z]@[a-z]", re.IGNORECASE)
"""What a machine puts into its name beside a browser's: how it may be asked about."""
_PREVIEWS = re.compile(
    r"facebookexternalhit|facebookcatalog|meta-externalfetcher|facebot|whatsapp|slackbot|slack-imgproxy|twitterbot"
    r"|linkedinbot|telegrambot|discordbot|skypeuripreview|microsoft[ -]teams|teamsbot|msteams|viber|line-poker"
    r"|kakaotalk-scrap|vkshare|zalobot|signal-desktop|redditbot|pinterestbot|pinterest/0|tumblr/|mastodon|bluesky"
    r"|cardyb|misskey|embedly|iframely|bitlybot|outbrain|quora link preview|snap url preview|google-?imageproxy"
    r"|googleimageproxy|yahoomailproxy|yahoocachesystem|bingpreview|google-pagerenderer|google web preview|ms-office"
    r"|microsoft office|safelinks|barracuda|proofpoint|mimecast|trendmicro|symantec|messagelabs|sophos|fireeye"
    r"|cloudmark|ironport|zscaler|urlscan|virustotal|mattermost|rocket\.?chat|zulip|notionbot|notion-|trello|flipboard"
    r"|nuzzel|xing-contenttabreceiver|linkpreview|link-preview|linkexpanding|urlpreview|unfurl|opengraph|apple-?pubsub"
    r"|\bpreview\b|signalpreview|signal-android|googlemessages|mobilesms|outlook-ios|outlook-android|trend micro"
    r"|checkpoint|google-safety|^notion|websitemetadataretriever",
    re.IGNORECASE,
)
_BOTS = re.compile(
    r"(?<!\bcu)bot\b|(?<!\bcu)bot[/;_ -]|bots\b|crawl|spider|slurp|archiver|scrap|fetch|monitor|uptime|pingdom"
    r"|statuscake|lighthouse|headless|phantomjs|puppeteer|playwright|selenium|curl/|wget|python|aiohttp|httpx|go-http-client|java/|okhttp"
    r"|apache-http|libwww|perl|ruby|php/|guzzle|axios|node-fetch|undici|got \(|postman|insomnia|wrk/|hey/|apachebench"
    r"|feedfetcher|mediapartners|adsbot|google-inspectiontool|google-read-aloud|googleother|gptbot|claude|anthropic"
    r"|perplexity|ccbot|bytespider|petalbot|baiduspider|yandex(?!browser)|sogou|duckduckgo-favicons|validator|checker"
    r"|scan|nmap|nikto|sqlmap|censys|masscan|zgrab",
    re.IGNORECASE,
)
_TABLETS = re.compile(r"ipad|tablet|kindle|silk/|playbook|nexus (?:7|9|10)\b|sm-t\d|android(?!.*mobile)", re.IGNORECASE)
_PHONES = re.compile(
    r"iphone|ipod|android.*mobile|windows phone|blackberry|bb10|opera mini|opera mobi|mobile", re.IGNORECASE
)
_AHEAD = ("prefetch", "preview", "prerender")


def kind(user_agent: str, purpose: str = "", method: str = "GET", mode: str = "") -> str:
    """`visit`, `preview` or `bot`. `purpose` is what a browser says that it loads the page for (`Sec-Purpose`,
    `Purpose`, `X-Purpose`, `X-Moz`): ahead, and perhaps never shown. A HEAD shows nothing to anybody. `mode` is the
    browser's `Sec-Fetch-Mode`: what a page loads as a picture or by a script, nobody goes to."""
    if method == "HEAD" or any(word in purpose.lower() for word in _AHEAD):
        return PREVIEW
    if mode and mode != "navigate":
        return BOT
    if _IN_APP.search(user_agent):
        return VISIT
    if _PREVIEWS.search(user_agent):
        return PREVIEW
    if not _BROWSER.match(user_agent) or _NO_BROWSER.search(user_agent):
        return BOT
    return BOT if _BOTS.search(user_agent) else VISIT


def device(user_agent: str) -> str:
    """`phone`, `tablet` or `desktop`, as coarse as that; `other` where nothing says."""
    if _TABLETS.search(user_agent):
        return "tablet"
    if _PHONES.search(user_agent):
        return "phone"
    return "desktop" if re.search(r"windows nt|macintosh|x11|cros|linux", user_agent, re.IGNORECASE) else "other"


def clicks_of(properties: Mapping[str, Any]) -> set[str]:
    """The clicks that an event tells of, by their internal ids: its own, and those of its touches."""
    named = [properties.get("click_id"), properties.get("client_reference_id")]
    named += [touch.get("click") for touch in properties.get("touches") or () if isinstance(touch, Mapping)]
    return {known for name in named if isinstance(name, str) and (known := _click(name))}


def _click(name: str) -> str:
    try:
        return ids.internal("clk", name)
    except ids.BadId:
        return ""
