"""A realistic file of each kind that the ready mappings know, made after the vendors' published formats."""

from __future__ import annotations

from support.imports import AFFILIATES, COMMISSIONS, REFERRALS, lines

Files = tuple[tuple[str, bytes], ...]
_DUB_HEADER = (
    "id,type,amount,earnings,currency,status,invoiceId,description,quantity,createdAt,paidAt,updatedAt,partnerId,"
    "partnerName,partnerEmail,partnerTenantId,customerId,customerName,customerEmail,customerExternalId,stripeCustomerId\n"
)
_DUB_ROWS = (
    "cm_1,sale,100.00,20.50,USD,paid,in_1,,1,2024-03-01T10:00:00.000Z,2024-04-01T00:00:00.000Z,,pn_1,Ada,ada@x.example,"
    "u-ada,cus_1,Grace,grace@x.example,u-grace,\n"
    "cm_2,sale,5000,900,JPY,processed,in_2,,1,2024-04-01T10:00:00.000Z,,,pn_1,Ada,ada@x.example,u-ada,cus_1,Grace,"
    "grace@x.example,u-grace,\n"
    "cm_3,lead,0,2.00,USD,pending,,,1,2024-02-01T10:00:00.000Z,,,pn_2,Kay,kay@x.example,,cus_2,Joan,joan@x.example,"
    "u-joan,\n"
    "cm_4,click,0,0.10,USD,fraud,,,3,2024-02-01T10:00:00.000Z,,,pn_2,Kay,kay@x.example,,,,,,\n"
    "cm_5,sale,10.00,2.505,USD,paid,in_5,,1,2024-02-01T10:00:00.000Z,,,pn_2,Kay,kay@x.example,,cus_2,,,u-joan,\n"
)
_DUB_LABELS = (
    "ID,Type,Amount,Earnings,Currency,Status,Invoice ID,Description,Quantity,Created at,Paid at,Updated at,Partner ID,"
    "Partner name,Partner email,Partner tenant ID,Customer ID,Customer name,Customer email,Customer external ID,"
    "Stripe customer ID\n"
)


def _dub(id: str, type: str, amount: int, earnings: int, status: str) -> dict[str, object]:
    return {
        "id": id, "type": type, "amount": amount, "earnings": earnings, "currency": "usd", "status": status,
        "invoiceId": f"in-{id}", "createdAt": "2024-03-01T10:00:00.000Z", "userId": None,
        "partner": {"id": "pn_1", "name": "Ada", "email": "ada@x.example", "image": None, "payoutsEnabledAt": None},
        "customer": {"id": "cus_1", "externalId": "u-grace", "name": "Grace", "email": "grace@x.example",
                     "createdAt": "2024-02-01T00:00:00.000Z"},
    }  # fmt: skip


SAMPLES: dict[str, Files] = {
    "rewardful": (
        ("affiliates.jsonl", AFFILIATES),
        ("coupons.jsonl", lines({"id": "cp1", "external_id": "x", "token": "ADA20", "archived": False,
                                 "affiliate_id": "af1"})),
        ("referrals.jsonl", REFERRALS),
        ("commissions.jsonl", COMMISSIONS),
        ("imported.csv", b"stripe_customer_id,first_name,last_name,email,paypal_email,wise_email,token\n"
                         b"cus_9,Mary,K,mary@x.example,m@pay.example,,mary\n"
                         b"cus_8,Joan,C,joan.c@x.example,,,\n"),
    ),
    "firstpromoter": (
        ("promoters.jsonl", lines({"data": [
            {"id": 11, "email": "ada@x.example", "name": "Ada", "profile": {"website": "x.example"},
             "promoter_campaigns": [{"campaign": {"name": "Main"}, "ref_token": "ada"}]}]})),
        ("table.csv", b"id;email;name;ref_token\r\n12;kay@x.example;Kay;k\xe6y\r\n"),
        ("referrals.jsonl", lines(
            {"id": 21, "email": "grace@x.example", "first_name": "Grace", "last_name": "H", "uid": "u-grace",
             "created_at": "2024-02-01T00:00:00Z", "customer_since": "2024-02-03", "metadata": {},
             "promoter_campaign": {"promoter": {"email": "ada@x.example"}}})),
        ("commissions.jsonl", lines(
            {"id": 31, "status": "approved", "commission_type": "sale", "sale_amount": 10000, "amount": 2000,
             "is_paid": True, "unit": "cash", "created_at": "2024-03-01T00:00:00Z", "referral": {"id": 21}},
            {"id": 32, "status": "pending", "commission_type": "sale", "sale_amount": 5000, "amount": 1000,
             "is_paid": False, "unit": "cash", "created_at": "2024-03-02T00:00:00Z", "referral": {"id": 21}},
            {"id": 33, "status": "denied", "commission_type": "custom", "amount": 500, "is_paid": False,
             "unit": "cash", "created_at": "2024-03-02T00:00:00Z", "referral": {"id": 21}})),
    ),
    "tapfiliate": (
        ("affiliates.json", b'[{"id": "ada-l", "email": "ada@x.example", "firstname": "Ada", "lastname": "L",'
                            b' "address": {"country": {"code": "GB"}},'
                            b' "referral_link": {"link": "https://x.example/?ref=ada-l"}}]'),
        ("customers.jsonl", lines(
            {"id": "c1", "customer_id": "u-grace", "created_at": "2024-02-01T00:00:00+00:00", "click": None,
             "program": {"id": "p"}, "affiliate": {"id": "ada-l"}},
            {"id": "c2", "customer_id": "u-joan", "created_at": "2024-02-01T00:00:00+00:00",
             "click": {"created_at": "2024-01-31T00:00:00+00:00"}, "program": {"id": "p"},
             "affiliate": {"id": "ada-l"}})),
        ("conversions.jsonl", lines(
            {"id": 7, "external_id": "o-7", "amount": 99.95, "created_at": "2024-03-01T00:00:00+00:00",
             "program": {"id": "p", "currency": "EUR"}, "affiliate": {"id": "ada-l"},
             "customer": {"id": "c1", "customer_id": "u-grace"},
             "commissions": [
                 {"id": 71, "currency": "EUR", "amount": 9.99, "approved": True, "conversion_sub_amount": 99.95,
                  "created_at": "2024-03-01T00:00:00+00:00"},
                 {"id": 72, "currency": "KWD", "amount": 1.125, "approved": None, "conversion_sub_amount": 10},
                 {"id": 73, "currency": "EUR", "amount": 1, "approved": False, "conversion_sub_amount": 10}]})),
        ("old.csv", b"external_id,amount,created_at,affiliate_email,program,currency,customer_id,click_date,"
                    b"commission_status,commission_amount\n"
                    b"o-8,120,2024-04-01,kay@x.example,p,JPY,u-mary,2024-03-30,paid,12\n"
                    b"o-9,120.5,2024-04-01,kay@x.example,p,JPY,,,paid,12\n"),
    ),
    "partnerstack": (
        ("partnerships.jsonl", lines({"key": "part_1", "email": "ada@x.example", "first_name": "Ada", "last_name": "L",
                                      "address": {"country": "GB"}, "stats": {"CUSTOMER_COUNT": 1},
                                      "group": {"slug": "agencies"}, "created_at": 1704448800000})),
        ("links.jsonl", lines({"key": "lnk_a", "dest": "https://x.example", "url": "https://acme.partnerlinks.example/ada",
                               "partnership_key": "part_1"})),
        ("customers.jsonl", lines(
            {"key": "cus_1", "name": "Grace", "email": "grace@x.example", "provider_key": "cus_a",
             "customer_key": "u-grace", "test": False, "partnership_key": "part_1", "created_at": 1706745600000},
            {"key": "cus_2", "name": "Test", "email": "t@x.example", "customer_key": "t", "test": True,
             "partnership_key": "part_1", "created_at": 1706745600000})),
        ("rewards.jsonl", lines(
            {"key": "rew_1", "amount": 2500, "currency": "USD", "created_at": 1709251200, "reward_status": "hold",
             "customer": {"email": "grace@x.example", "external_key": "u-grace"},
             "transaction": {"amount": 10000, "currency": "USD"}, "partnership": {"email": "ada@x.example"}},
            {"key": "rew_2", "amount": 500, "currency": "USD", "created_at": 1709251200, "reward_status": "scheduled",
             "customer": {"email": "nobody@x.example"}, "partnership": {"email": "ada@x.example"}})),
    ),
    "tolt": (
        ("partners.jsonl", lines({"id": "part_a", "email": "ada@x.example", "first_name": "Ada", "last_name": "L",
                                  "company_name": "X", "country_code": "GB", "status": "active"})),
        ("links.jsonl", lines({"id": "lnk_a", "param": "ref", "value": "ada", "partner_id": "part_a"})),
        ("customers.jsonl", lines(
            {"id": "cust_a", "customer_id": "u-grace", "email": "grace@x.example", "name": "Grace", "status": "active",
             "created_at": "2024-02-01T00:00:00.000Z", "updated_at": "", "partner": {"id": "part_a"}},
            {"id": "cust_b", "customer_id": "u-joan", "email": "joan@x.example", "name": "Joan", "status": "paused",
             "created_at": "2024-02-01T00:00:00.000Z", "partner": {"id": "part_a"}})),
        ("commissions.jsonl", lines(
            {"id": "com_a", "amount": "1999", "revenue": "9995", "transaction_id": "t1", "charge_id": "ch_1",
             "status": "paid", "created_at": "2024-03-01T00:00:00.000Z", "partner": {"id": "part_a"},
             "customer": {"id": "cust_a"}})),
    ),
    "dub": (
        ("commissions.csv", (_DUB_HEADER + _DUB_ROWS).encode()),
        ("commissions.jsonl", lines(_dub("cm_9", "sale", 10000, 2050, "refunded"))),
        ("partners.jsonl", lines({"id": "pn_3", "name": "Mary", "email": "mary@x.example", "country": "GB",
                                  "status": "approved", "links": [{"id": "link_1", "key": "mary",
                                                                   "shortLink": "https://ref.example/mary"}]})),
        ("links.jsonl", lines({"id": "link_2", "domain": "ref.example", "key": "ada",
                               "shortLink": "https://ref.example/ada", "partnerId": "pn_1"})),
    ),
    "dub-labels": (("commissions.csv", b"\xef\xbb\xbf" + (_DUB_LABELS + _DUB_ROWS).encode()),),
    "referralcandy": (
        ("people.csv", b"id,first_name,last_name,email,locale,referral_link\n"
                       b"77,Ada,L,ada@x.example,en,https://x.refr.example/ada\n"),
        ("purchases.jsonl", lines(
            {"first_name": "Grace", "last_name": "H", "email": "grace@x.example", "locale": "en",
             "accepts_marketing": True, "order_timestamp": 1709251200, "browser_ip": "192.0.2.1", "user_agent": "x",
             "invoice_amount": 49.5, "currency_code": "USD", "discount_code": "", "external_reference_id": "o-1",
             "referrer_id": "77"},
            {"first_name": "Joan", "email": "joan@x.example", "order_timestamp": 1709251200, "invoice_amount": 10,
             "currency_code": "USD", "external_reference_id": "o-2", "referrer_id": None})),
    ),
    "viral-loops": (
        ("participants.csv", b"id,email,firstname,lastname,referralCount,referralCode,referrerId\n"
                             b"1,ada@x.example,Ada,L,1,ada,\n2,grace@x.example,Grace,H,0,gra,1\n"),
        ("registrations.jsonl", lines(
            {"apiToken": "-", "params": {"event": "registration", "user": {"firstname": "Joan", "lastname": "C",
                                                                           "email": "joan@x.example"},
                                         "referrer": {"referralCode": "ada"}, "refSource": "copy"}})),
    ),
    "referral-rock": (
        ("members.csv", b"email,firstname,externalid,customtext1name,customtext1value,referralcode\n"
                        b"ada@x.example,Ada,u-ada,Plan,Gold,ADA\nkay@x.example,Kay,,,,\n"),
    ),
    "saasquatch": (
        ("users.csv", b"accountId,id,firstName,lastName,email,referable,locale,countryCode,referredBy.code,"
                      b"referralCodes.main,referralCodes.vip,dateCreated\n"
                      b"acc-1,u-ada,Ada,L,ada@x.example,true,en_US,GB,,ADA1,ADAVIP,1704448800000\n"
                      b"acc-2,u-grace,Grace,H,grace@x.example,true,en_US,US,ADA1,GRACE1,,1706745600000\n"),
        ("more.jsonl", lines({"accountId": "acc-3", "id": "u-joan", "firstName": "Joan", "lastName": "C",
                              "email": "joan@x.example", "referralCodes": {"main": "JOAN1"},
                              "referredBy": {"code": "NOBODY"}, "dateCreated": 1706745600000})),
        ("export.csv", b"User ID,Account ID,Email,First Name,Last Name,Referral Code,Date Created,Locale,Country Code\n"
                       b"u-kay,acc-4,kay@x.example,Kay,M,KAY1,1706745600000,en_US,US\n"),
        ("referrals.jsonl", lines(
            {"id": "ref-1", "referred": {"id": "u-kay", "accountId": "acc-4"},
             "referrer": {"id": "u-ada", "accountId": "acc-1"}, "referralCodeUsed": "ADA1",
             "moderationStatus": "APPROVED", "dateReferralStarted": 1706745600000, "dateConverted": 1707745600000})),
        ("rewards.jsonl", lines(
            {"id": "rew-1", "type": "PCT_DISCOUNT", "dateGiven": 1707745600000, "accountId": "acc-1",
             "userId": "u-ada", "cancellable": True, "rewardSource": "FRIEND_SIGNUP", "discountPercent": 20},
            {"id": "rew-2", "type": "CREDIT", "dateGiven": 1707745600000, "dateCancelled": 1708745600000,
             "accountId": "acc-1", "userId": "u-ada", "rewardSource": "MANUAL", "unit": "USD", "amount": 500})),
        ("balances.jsonl", lines({"userId": "u-ada", "accountId": "acc-1", "unit": "USD", "availableValue": 2500},
                                 {"userId": "u-grace", "accountId": "acc-2", "unit": "USD", "availableValue": 0})),
    ),
}  # fmt: skip
