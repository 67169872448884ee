"""Who follows a link. The names are those that the programs themselves sent in 2024 to 2026."""

from __future__ import annotations

import pytest

from goodword.domain import ids
from goodword.domain.visitors import BOT, PREVIEW, VISIT, clicks_of, device, kind

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
)
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.5 Mobile/15E148 Safari/604.1"
)
PIXEL = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/12"
    "6.0.0.0 Mobile Safari/537.36"
)
IPAD = "Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"
GALAXY_TAB = (
    "Mozilla/5.0 (Linux; Android 13; SM-X710) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
)
MAC = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.5 Safari/605.1.15"
)
INSTAGRAM = IPHONE + " Instagram 334.0.0.27.96"
FACEBOOK = IPHONE + " [FBAN/FBIOS;FBAV/466.0.0.36.101;FBBV/601;FBDV/iPhone14,5]"
LINKEDIN = IPHONE + " [LinkedInApp]/9.29.8962"
YANDEX = CHROME + " YaBrowser/24.6.0.0"
CUBOT = PIXEL.replace("Pixel 8", "CUBOT X30")
WHATSAPP = PIXEL + " WhatsApp/2.24.10.83"
VIBER = PIXEL + " Viber/22.5.0"
PINTEREST = IPHONE + " [Pinterest/iOS]"
OPERA_MINI = "Opera/9.80 (J2ME/MIDP; Opera Mini/9.80/35.6; U; en) Presto/2.8.119 Version/11.10"
OLD = "Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.2; Trident/6.0)"


@pytest.mark.parametrize(
    "agent",
    [
        CHROME, IPHONE, PIXEL, IPAD, GALAXY_TAB, MAC, INSTAGRAM, FACEBOOK, LINKEDIN, YANDEX, CUBOT, WHATSAPP, VIBER,
        PINTEREST, OPERA_MINI, OLD,
    ],
)  # fmt: skip
def test_people_are_visits_also_inside_of_apps(agent: str) -> None:
    assert kind(agent) == VISIT


@pytest.mark.parametrize(
    "agent",
    [
        "WhatsApp/2.23.20.0",
        "WhatsApp/2.2414.8 N",
        "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
        "Slack-ImgProxy (+https://api.slack.com/robots)",
        "Twitterbot/1.0",
        "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
        "facebookexternalhit/1.1;line-poker/1.0",
        "Mozilla/5.0 (compatible; facebookexternalhit/1.1 Facebot Twitterbot/1.0)",
        "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
        "TelegramBot (like TwitterBot)",
        "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
        "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5",
        "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
        "Mozilla/5.0 (X11; Linux x86_64) (KHTML, like Gecko; Google Web Preview) Chrome/41 Safari/537",
        "Mozilla/5.0 (compatible; Microsoft Office; ms-office; MSOffice 16)",
        "BarracudaCentral/1.0 LinkCheck",
        "Mozilla/5.0 (compatible; Cloudmark)",
        "redditbot/1.0",
        "Mozilla/5.0 (compatible; Bluesky Cardyb/1.1)",
        "Iframely/1.3.1 (+https://iframely.com/docs/about)",
        "Mattermost-Bot/1.1",
        "kakaotalk-scrap/1.0 facebookexternalhit",
        "Pinterest/0.2 (+https://www.pinterest.com/bot.html)",
        "SignalPreview/1.0",
        "GoogleMessages/2.0",
        "MobileSMS/1262.500.151 CFNetwork/1408",
        "Outlook-iOS/2.0",
        "Trend Micro WTP",
        "Notion/1.0",
        "Mozilla/5.0 (compatible; Asana/1.4.0 WebsiteMetadataRetriever)",
        MAC + " Teams/1.0 preview",
    ],
)
def test_what_shows_a_link_before_somebody_follows_it_is_a_preview(agent: str) -> None:
    assert kind(agent) == PREVIEW


@pytest.mark.parametrize(
    "agent",
    [
        "", "-", "curl/8.5.0", "Wget/1.21", "python-requests/2.32", "Go-http-client/2.0", "okhttp/4.12.0",
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "Mozilla/5.0 (compatible; bingbot/2.0)", "Mozilla/5.0 (compatible; YandexBot/3.0)", "GPTBot/1.2", "CCBot/2.0",
        "Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/126.0", "AhrefsBot/7.0", "Pingdom.com_bot_version_1.4",
        "Mozilla/5.0 (compatible; Baiduspider/2.0)", "Screaming Frog SEO Spider/20.1", "ClaudeBot/1.0",
        # No browser's name at all, or one that says how to ask about it.
        "Mozilla/5.0", "HubSpot Connect 2.0 (http://dev.hubspot.com/) - BizOpsCompanies", "W3C-checklink/4.81",
        "Dalvik/2.1.0 (Linux; U; Android 13; Pixel 7 Build/TD1A)", "Shop/3.1 (agent@example.com)",
        "Mozilla/5.0 (compatible; Cloudflare-AlwaysOnline/1.0)",
        "Mozilla/5.0 (Linux) Let's Encrypt validation server; +https://www.letsencrypt.org",
    ],
)  # fmt: skip
def test_any_other_machine_is_a_bot(agent: str) -> None:
    assert kind(agent) == BOT


@pytest.mark.parametrize("purpose", ["prefetch", "prefetch;prerender", "Preview", "prefetch;anonymous-client-ip"])
def test_a_page_that_a_browser_loads_ahead_is_a_preview(purpose: str) -> None:
    assert kind(CHROME, purpose) == PREVIEW


def test_what_a_page_loads_as_a_picture_or_by_a_script_is_nobodys_visit() -> None:
    assert kind(CHROME, mode="navigate") == VISIT
    assert {kind(CHROME, mode=mode) for mode in ("no-cors", "cors", "same-origin", "websocket")} == {BOT}


def test_head_shows_nothing_to_anybody() -> None:
    assert kind(CHROME, method="HEAD") == PREVIEW


@pytest.mark.parametrize(
    ("agent", "on"),
    [
        (CHROME, "desktop"), (MAC, "desktop"), (IPHONE, "phone"), (PIXEL, "phone"), (INSTAGRAM, "phone"), (IPAD,
        "tablet"),
        (GALAXY_TAB, "tablet"), ("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0)", "desktop"), ("curl/8.5.0", "other"),
        ("", "other"),
    ],
)  # fmt: skip
def test_a_device_is_told_coarsely(agent: str, on: str) -> None:
    assert device(agent) == on


def test_the_clicks_that_an_event_tells_of() -> None:
    names = [f"0190163d-8694-739b-aea5-966c26f8ad9{n}" for n in range(4)]
    public = [ids.public("clk", name) for name in names]
    told = {
        "click_id": public[0],
        "client_reference_id": public[1],
        "touches": [{"kind": "link", "click": public[2]}, {"kind": "code"}, {"click": "clk_none"}, {"click": 7}, "x"],
    }
    assert clicks_of(told) == set(names[:3])
    assert clicks_of({"client_reference_id": "order 77", "touches": None}) == set()
