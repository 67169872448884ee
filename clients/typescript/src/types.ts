// Made by tools/make_clients.py from the API's description. Run `make docs` after a change to the API.

/** A participant accepted terms. */
export interface Acceptance {
  /** The program's key. */
  program: string;
  /** The number of the text. */
  terms: number;
  accepted_at: string;
  /** Who recorded it for them; empty where they did it themselves. */
  by: string;
  /** How it was obtained then, where that is told. */
  how: string;
  /** Who sent the event. */
  source: string;
  /** The event that is the record. */
  event: string;
}

/** What a participant accepted, the last first; 200 at most. */
export interface Acceptances {
  data: Array<Acceptance>;
}

/** A company or subscription that participants belong to. */
export interface Account {
  id: string;
  external_id: string;
  name: string;
  /** When it became a customer. */
  since: string | null;
  /** What events told about it. */
  traits: Record<string, unknown>;
  updated_at: string;
}

/** An act upon an account. */
export interface AccountAct {
  /** The event that it is. */
  event: string;
  /** True: it was there before, and nothing changed. */
  duplicate: boolean;
  /** False: it is safe in the log, and the engine comes to it. */
  applied: boolean;
  decisions: Array<Decision>;
  /** As it is now; null until it is applied. */
  account: Account | null;
}

/** A page of accounts, newest first. */
export interface AccountList {
  data: Array<Account>;
  /** Give it as `cursor` for the next page; null on the last. */
  next_cursor: string | null;
}

/** An account in short. */
export interface AccountRef {
  id: string;
  external_id: string;
  name: string;
}

/** Facts about a company or subscription; the ones left out stay as they were. */
export interface AccountUpdatedEvent {
  type: "account.updated";
  /** Your own id of the fact. Sent again, it changes nothing. */
  event_id: string;
  /** Which of your systems says so; event ids are unique within a source. */
  source?: string;
  /** When it happened (RFC 3339), from 1970 to a day from now; now, when left out. */
  occurred_at?: string;
  participant?: SentParticipant;
  account: SentAccount;
  /** Facts about a company or subscription; the ones left out stay as they were. */
  properties?: {
    /** True marks a made-up fact; shown wherever it leads. */
    simulated?: boolean | null;
    /** What people call it. */
    name?: string | null;
    /** `paying`, `trial`, `churned`, … as the host names them. */
    status?: string | null;
    /** The plan, as the host names it. */
    plan?: string | null;
    /** When it became a customer (RFC 3339). */
    since?: string | null;
    /** ISO 3166-1 alpha-2. */
    country?: string | null;
    /** As the host names it. */
    industry?: string | null;
    /** How many people work there. */
    employees?: number | null;
    /** The account executive or CSM. */
    owner?: string | null;
    /** The sales territory. */
    territory?: string | null;
    /** Whether it owes overdue money. */
    in_collections?: boolean | null;
    /** Whether it disputes an invoice. */
    open_dispute?: boolean | null;
    /** Days with activity in the last 30. */
    active_days_30?: number | null;
    [key: string]: unknown;
  };
}

/** An event or timer that made the engine fail each time it was tried. */
export interface Aside {
  /** The event's (`evt_…`) or timer's (`tmr_…`). */
  id: string;
  /** A timer is a moment that came: the end of a hold, say. */
  kind: "event" | "timer";
  type: string;
  /** As it was sent; null of a timer. */
  event_id: string | null;
  /** Where it came from; null of a timer. */
  source: string | null;
  /** `X-Request-Id` of the request that it came with. */
  request: string | null;
  /** When it happened, or the timer was due. */
  at: string;
  attempts: number;
  /** What went wrong, in the engine's words. */
  error: string;
}

/** A page of what is set aside, oldest first. */
export interface AsideList {
  data: Array<Aside>;
  /** Give it as `cursor` for the next page; null on the last. */
  next_cursor: string | null;
}

/** What an order or deal is taken to be worth that is not known yet. */
export interface AssumedValue {
  /** The mean of the referrals that were won, in minor units. */
  value: number;
  currency: string;
  /** How many were won. */
  referrals: number;
}

/** A document tried on the workspace's own past. The answer's people and decisions are lists of their own. */
export interface Backtest {
  id: string;
  state: "waiting" | "running" | "done" | "failed" | "cancelled";
  /** The key that the document names. */
  program: string;
  asked_by: string;
  asked_at: string;
  started_at: string | null;
  ended_at: string | null;
  progress: Progress;
  failure: Failure | null;
  question: BacktestQuestion;
}

/** A backtest with its document, and its result once it is `done`. */
export interface BacktestAnswer {
  id: string;
  state: "waiting" | "running" | "done" | "failed" | "cancelled";
  /** The key that the document names. */
  program: string;
  asked_by: string;
  asked_at: string;
  started_at: string | null;
  ended_at: string | null;
  progress: Progress;
  failure: Failure | null;
  question: BacktestQuestion;
  document: Record<string, unknown>;
  result: BacktestResult | null;
}

/** How the use of a limit per program grew in a month, and to how much since its period began. */
export interface BacktestBudget {
  what: string;
  rules: string;
  every: string;
  period: string;
  month: string;
  grown: number;
  used: number;
}

/** How often a limit left nothing, or a part. */
export interface BacktestCap {
  rule: string;
  per: string;
  every: string;
  /** A reason code, or `partial`. */
  led_to: string;
  before: number;
  after: number;
}

/** How many decisions would be others; the first 10,000 are kept with both traces. */
export interface BacktestChanges {
  count: number;
  kept: number;
  kinds: Array<BacktestKind>;
}

/** What the rewards of a rule, granted in a month of the program's time zone, cost in the end. */
export interface BacktestCost {
  unit: string;
  before: Side;
  after: Side;
  rule: string;
  month: string;
}

export interface BacktestKind {
  /** Outcome and reason, or `none`. */
  before: string;
  after: string;
  count: number;
}

/** What would be owed at the end, to people and by them, because of the program's rewards. */
export interface BacktestLiability {
  unit: string;
  before: Owed;
  after: Owed;
}

/** One page of backtests. */
export interface BacktestList {
  data: Array<Backtest>;
  /** Give it as `cursor` for the next page; null on the last. */
  next_cursor: string | null;
}

/** How many people would have more or less; the 10,000 with the greatest change are kept. */
export interface BacktestPeople {
  count: number;
  kept: number;
  gained: number;
  lost: number;
}

/** Whose rewards would come to more or less. */
export interface BacktestPerson {
  /** Null where nobody is known by that id. */
  participant: PersonRef | null;
  unit: string;
  before: Side;
  after: Side;
  change: number;
}

/** One page, the greatest change first. */
export interface BacktestPersonList {
  data: Array<BacktestPerson>;
  /** Give it as `cursor` for the next page; null on the last. */
  next_cursor: string | null;
}

/** What was asked beside the document. */
export interface BacktestQuestion {
  since: string | null;
  until: string | null;
  as_of_version: number | null;
  elasticity: string | null;
}

/**
 * `before` is what happened, or what the version that it was compared with would have done; `after` what the
 * document would have.
 */
export interface BacktestResult {
  /** The published version that the document is, if it is one. */
  version: number | null;
  events: number;
  /** Timers that would have rung. */
  timers: number;
  decisions: number;
  seconds: number;
  processes: number;
  /** Why the history was decided in one pass, where it was. */
  whole: string | null;
  assumptions: Array<string>;
  changed: BacktestChanges;
  people: BacktestPeople;
  totals: Array<BacktestTotal>;
  cost: Array<BacktestCost>;
  caps: Array<BacktestCap>;
  budgets: Array<BacktestBudget>;
  liability: Array<BacktestLiability>;
  return_on_cost: BacktestReturn;
}

/** What won referrals brought against what they cost, under `assumptions`. */
export interface BacktestReturn {
  currency: string;
  before: ReturnSide;
  after: ReturnSide;
  elasticity: string | null;
}

export interface BacktestTotal {
  unit: string;
  before: Side;
  after: Side;
}

/** What a participant has in one unit. */
export interface Balance {
  unit: string;
  /** Held or waiting for approval. */
  reserved: number;
  /** Approved, not yet issued. */
  available: number;
  /** Handed over. */
  issued: number;
  /** Debt that later rewards are netted against. */
  owed: number;
}

/** A participant's balances as they stand, or stood at `at`. */
export interface Balances {
  at: string | null;
  data: Array<Balance>;
}

/** A participant spends points on something of a loyalty program's catalogue. */
export interface CatalogueRedeemedEvent {
  type: "catalogue.redeemed";
  /** Your own id of the fact. Sent again, it changes nothing. */
  event_id: string;
  /** Which of your systems says so; event ids are unique within a source. */
  source?: string;
  /** When it happened (RFC 3339), from 1970 to a day from now; now, when left out. */
  occurred_at?: string;
  participant: SentParticipant;
  account?: SentAccount;
  /** A participant spends points on something of a loyalty program's catalogue. */
  properties: {
    /** True marks a made-up fact; shown wherever it leads. */
    simulated?: boolean | null;
    /** The program's key. */
    program: string;
    /** The id of what they want from its catalogue. */
    item: string;
    [key: string]: unknown;
  };
}

/** One difference between two documents, in words. */
export interface Change {
  kind: "new" | "removed" | "changed" | "order";
  /** Which part, outermost first, in the document's spelling. */
  what: Array<string>;
  /** Empty for what is new. */
  before: string;
  /** Empty for what was removed. */
  after: string;
  text: string;
}

/** A decision that would be another one. */
export interface ChangedDecision {
  /** Its place in the log; null for a timer that did not ring then. */
  position: number | null;
  event: string | null;
  type: string;
  occurred_at: string;
  participant: string | null;
  before: OneDecision | null;
  after: OneDecision | null;
}

/** One page, in the order of the log. */
export interface ChangedDecisionList {
  data: Array<ChangedDecision>;
  /** Give it as `cursor` for the next page; null on the last. */
  next_cursor: string | null;
  /** Whether traces were kept and went, because somebody was erased since. */
  removed: boolean;
}

/** A participant's word that they brought somebody. */
export interface Claim {
  id: string;
  /** The program's key. */
  program: string;
  state: "waiting" | "approved" | "rejected";
  /** Why it was rejected; else empty. */
  reason: string;
  /** Who claims. */
  participant: PersonRef;
  /** Whom they brought. */
  referred: PersonRef;
  /** What shows it, in their words. */
  proof: string;
  /** Where it can be seen. */
  url: string;
  /** By which it can be found. */
  reference: string;
  /** When they told the person, as they say. */
  at: string;
  claimed_at: string;
  decided_at: string | null;
  /** Who decided. */
  by: string;
  /** What staff noted; the participant does not see it. */
  note: string;
  /** The referral that it began or won. */
  referral: string | null;
  /** The referral in which the person stands, by anybody: an approval does not take it away. */
  standing: string | null;
  /** Further claims of the same person that were not rejected. */
  others: number;
}

/** What became of a claim, or of what staff decided. */
export interface ClaimAct {
  /** The event that it is. */
  event: string;
  /** True: it was there before, and nothing changed. */
  duplicate: boolean;
  /** False: it is safe in the log, and the engine comes to it. */
  applied: boolean;
  decisions: Array<Decision>;
  /** As it is now; null where none came of it. */
  claim: Claim | null;
}

/** Staff believe a claim. */
export interface ClaimApprovedEvent {
  type: "claim.approved";
  /** Your own id of the fact. Sent again, it changes nothing. */
  event_id: string;
  /** Which of your systems says so; event ids are unique within a source. */
  source?: string;
  /** When it happened (RFC 3339), from 1970 to a day from now; now, when left out. */
  occurred_at?: string;
  participant?: SentParticipant;
  account?: SentAccount;
  /** Staff believe a claim. */
  properties: {
    /** True marks a made-up fact; shown wherever it leads. */
    simulated?: boolean | null;
    /** The claim, clm_…. */
    claim: string;
    /** Who decided. */
    by?: string | null;
    /** For staff, in words. */
    note?: string | null;
    [key: string]: unknown;
  };
}

/** A page of claims, newest first. */
export interface ClaimList {
  data: Array<Claim>;
  /** Give it as `cursor` for the next page; null on the last. */
  next_cursor: string | null;
}

/** Staff do not believe a claim, or it comes to nothing. */
export interface ClaimRejectedEvent {
  type: "claim.rejected";
  /** Your own id of the fact. Sent again, it changes nothing. */
  event_id: string;
  /** Which of your systems says so; event ids are unique within a source. */
  source?: string;
  /** When it happened (RFC 3339), from 1970 to a day from now; now, when left out. */
  occurred_at?: string;
  participant?: SentParticipant;
  account?: SentAccount;
  /** Staff do not believe a claim, or it comes to nothing. */
  properties: {
    /** True marks a made-up fact; shown wherever it leads. */
    simulated?: boolean | null;
    /** The claim, clm_…. */
    claim: string;
    /** Who decided. */
    by?: string | null;
    /** For staff, in words. */
    note?: string | null;
    /** Why; the participant is told in their language. */
    reason: "not_proven" | "brought_by_another" | "known_before" | "claim_refused";
    [key: string]: unknown;
  };
}

/** Whom somebody says they brought: the host product's id of them, or their address, or both. */
export interface ClaimedPerson {
  /** The host product's id. */
  external_id?: string | null;
  /** Tells whether the person is known already. */
  email?: string | null;
  /** The person's name. */
  name?: string | null;
}

/** One request of a link's address. What a workspace does not keep is empty or null. */
export interface Click {
  id: string;
  link: string;
  clicked_at: string;
  /** Only visits count. */
  kind: "visit" | "preview" | "bot";
  device: "phone" | "tablet" | "desktop" | "other";
  /** The link's when it was clicked. */
  channel: string;
  /** Host and path of the page the visitor came from. */
  referrer: string;
  /** The first their browser asks for. */
  language: string;
  utm: Record<string, string>;
  /** Keyed with a salt that is thrown away in time. */
  ip_hash: string | null;
  /** Only where the workspace keeps it. */
  ip: string | null;
  /** The first click of the same browser; null on that, and where nobody may be known again. */
  visitor: string | null;
}

/** A page of clicks, newest first. */
export interface ClickList {
  data: Array<Click>;
  /** Give it as `cursor` for the next page; null on the last. */
  next_cursor: string | null;
}

/** How the links of a workspace answer, and what is kept of a click. */
export interface Clicks {
  /** Where an unknown code leads. */
  fallback: string | null;
  /** Whether a click sets a cookie. */
  cookie: "never" | "consent" | "always";
  /** What `DNT` and `Sec-GPC` lead to. */
  privacy_signals: "respect" | "ignore";
  /** How long hashes of IP addresses can be compared. */
  ip_hash_days: number;
  /** For how many days the IP address itself is kept. */
  raw_ip_days: number;
  /** For how many days clicks are kept. */
  clicks_days: number;
}

/** Whether a code is good now. */
export interface CodeCheck {
  valid: boolean;
  /** As it is kept; null where it is not valid. */
  code: string | null;
  program: CodeProgram | null;
}

/** The program of a code, to whom typed it. */
export interface CodeProgram {
  key: string;
  name: string;
}

/** A contest of a program's live version, and its first 100 places. */
export interface Contest {
  program: string;
  id: string;
  name: string;
  metric: string;
  ties: string;
  /** `upcoming`, `running`, `review` (over, not final yet) or `final`. */
  state: string;
  /** The first moment. */
  starts_at: string;
  /** The first moment after it. */
  ends_at: string;
  /** When the result becomes final. */
  final_at: string;
  /** Referrals that were entered, also where they count no more. */
  entries: number;
  ranking: Array<ContestPlace>;
}

/** Staff took a participant out of a contest, or let them back in, before its result is final. */
export interface ContestDisqualifiedEvent {
  type: "contest.disqualified";
  /** Your own id of the fact. Sent again, it changes nothing. */
  event_id: string;
  /** Which of your systems says so; event ids are unique within a source. */
  source?: string;
  /** When it happened (RFC 3339), from 1970 to a day from now; now, when left out. */
  occurred_at?: string;
  participant: SentParticipant;
  account?: SentAccount;
  /** Staff took a participant out of a contest, or let them back in, before its result is final. */
  properties: {
    /** True marks a made-up fact; shown wherever it leads. */
    simulated?: boolean | null;
    /** The program's key. */
    program: string;
    /** The contest's id. */
    contest: string;
    /** Who decided. */
    by?: string | null;
    /** Why, as a code of your own. */
    reason?: string | null;
    [key: string]: unknown;
  };
}

/** One place in a contest. */
export interface ContestPlace {
  place: number;
  participant: string;
  external_id: string | null;
  /** A count, or minor units where the metric is `revenue`. */
  score: number;
  /** When the last fact that raised the score happened. */
  at: string;
  /** How many share the place, this one included. */
  tied: number;
  /** The ids of the prizes that the place wins as it stands. */
  prizes: Array<string>;
}

/** Staff took a participant out of a contest, or let them back in, before its result is final. */
export interface ContestReinstatedEvent {
  type: "contest.reinstated";
  /** Your own id of the fact. Sent again, it changes nothing. */
  event_id: string;
  /** Which of your systems says so; event ids are unique within a source. */
  source?: string;
  /** When it happened (RFC 3339), from 1970 to a day from now; now, when left out. */
  occurred_at?: string;
  participant: SentParticipant;
  account?: SentAccount;
  /** Staff took a participant out of a contest, or let them back in, before its result is final. */
  properties: {
    /** True marks a made-up fact; shown wherever it leads. */
    simulated?: boolean | null;
    /** The program's key. */
    program: string;
    /** The contest's id. */
    contest: string;
    /** Who decided. */
    by?: string | null;
    /** Why, as a code of your own. */
    reason?: string | null;
    [key: string]: unknown;
  };
}

/** ISO 4217, of a currency in use. */
export type Currency = "AED" | "AFN" | "ALL" | "AMD" | "AOA" | "ARS" | "AUD" | "AWG" | "AZN" | "BAM" | "BBD" | "BDT" | "BGN" | "BHD" | "BIF" | "BMD" | "BND" | "BOB" | "BRL" | "BSD" | "BTN" | "BWP" | "BYN" | "BZD" | "CAD" | "CDF" | "CHF" | "CLP" | "CNY" | "COP" | "CRC" | "CUP" | "CVE" | "CZK" | "DJF" | "DKK" | "DOP" | "DZD" | "EGP" | "ERN" | "ETB" | "EUR" | "FJD" | "FKP" | "GBP" | "GEL" | "GHS" | "GIP" | "GMD" | "GNF" | "GTQ" | "GYD" | "HKD" | "HNL" | "HTG" | "HUF" | "IDR" | "ILS" | "INR" | "IQD" | "IRR" | "ISK" | "JMD" | "JOD" | "JPY" | "KES" | "KGS" | "KHR" | "KMF" | "KPW" | "KRW" | "KWD" | "KYD" | "KZT" | "LAK" | "LBP" | "LKR" | "LRD" | "LSL" | "LYD" | "MAD" | "MDL" | "MGA" | "MKD" | "MMK" | "MNT" | "MOP" | "MRU" | "MUR" | "MVR" | "MWK" | "MXN" | "MYR" | "MZN" | "NAD" | "NGN" | "NIO" | "NOK" | "NPR" | "NZD" | "OMR" | "PAB" | "PEN" | "PGK" | "PHP" | "PKR" | "PLN" | "PYG" | "QAR" | "RON" | "RSD" | "RUB" | "RWF" | "SAR" | "SBD" | "SCR" | "SDG" | "SEK" | "SGD" | "SHP" | "SLE" | "SOS" | "SRD" | "SSP" | "STN" | "SYP" | "SZL" | "THB" | "TJS" | "TMT" | "TND" | "TOP" | "TRY" | "TTD" | "TWD" | "TZS" | "UAH" | "UGX" | "USD" | "UYU" | "UZS" | "VES" | "VND" | "VUV" | "WST" | "XAF" | "XCD" | "XCG" | "XOF" | "XPF" | "YER" | "ZAR" | "ZMW" | "ZWG";

/** A fact of your own, `noun.verb` in lower case, about a participant or an account. */
export interface CustomEvent {
  type: string;
  /** Your own id of the fact. Sent again, it changes nothing. */
  event_id: string;
  /** Which of your systems says so; event ids are unique within a source. */
  source?: string;
  /** When it happened (RFC 3339), from 1970 to a day from now; now, when left out. */
  occurred_at?: string;
  participant?: SentParticipant;
  account?: SentAccount;
  /** Anything that conditions of your programs read. */
  properties?: {
    simulated?: boolean | null;
  };
}

/** What the engine concluded from one event for one program, or about who is who. */
export interface Decision {
  id: string;
  event: string;
  /** The program's key; null where two participants were merged or taken apart. */
  program: string | null;
  /** The version it was decided under; null without a program. */
  version: number | null;
  /** True where the program runs in test mode. */
  test: boolean;
  outcome: "yes" | "no";
  /** A stable code. */
  reason: string;
  participant: string | null;
  referral: string | null;
  occurred_at: string;
  /**
   * How it was reached: `referral` (the move), `checks` (each condition with what it read), `rewards` (each rule
   * with its outcome), `attribution` (which touch won), `merge` (who was merged into whom, or taken apart again,
   * and what moved).
   */
  trace: Record<string, unknown> | null;
}

export interface DecisionCount {
  /** Null for decisions about who is who. */
  program: string | null;
  outcome: string;
  reason: string;
  count: number;
}

/** A page of decisions, newest first. */
export interface DecisionList {
  data: Array<Decision>;
  /** Give it as `cursor` for the next page; null on the last. */
  next_cursor: string | null;
}

/** A document on its way to being published, and its record. */
export interface Draft {
  id: string;
  /** The program's key. */
  program: string;
  state: "draft" | "review" | "approved" | "published" | "discarded";
  /** The version it was published as. */
  version: number | null;
  /** What was done with it, oldest first. */
  trail: Array<DraftStep>;
  created_at: string;
  updated_at: string;
}

/** Something that keeps a draft from being published. */
export interface DraftFault {
  /** Where, as a JSON pointer. */
  pointer: string;
  code: string;
  detail: string;
}

/** A page of drafts, newest first. */
export interface DraftList {
  data: Array<Draft>;
  /** Give it as `cursor` for the next page; null on the last. */
  next_cursor: string | null;
}

/** Something that was done with a draft. */
export interface DraftStep {
  at: string;
  by: string;
  what: "saved" | "submitted" | "approved" | "sent_back" | "published" | "discarded";
  comment: string;
  /** SHA-256 of the text as it was then. */
  digest: string;
}

/** A draft with its text. */
export interface DraftWhole {
  id: string;
  /** The program's key. */
  program: string;
  state: "draft" | "review" | "approved" | "published" | "discarded";
  /** The version it was published as. */
  version: number | null;
  /** What was done with it, oldest first. */
  trail: Array<DraftStep>;
  created_at: string;
  updated_at: string;
  /** The document as it was written, YAML or JSON. */
  text: string;
  /** SHA-256 of the text. */
  digest: string;
  faults: Array<DraftFault>;
  /** Beside the live version; null where it has faults. */
  changes: ProgramChanges | null;
}

/** Something a participant has a right to. */
export interface Entitlement {
  /** `perk`, or the type of the gift. */
  kind: string;
  /** The perk, or the gift's name. */
  name: string;
  /** The program's key. */
  program: string;
  /**
   * Of a perk, when the tier was reached; of a gift, when it was given, or when it begins after one that opens the
   * same. Null where that is not known.
   */
  since: string | null;
  /** When it lapses, or, of a perk, when the period ends after which the tier is counted anew. */
  until: string | null;
  /** The program's, in which its days are counted. */
  timezone: string;
  /** The tier that opens it. */
  tier: string | null;
  /** Or the reward that gave it. */
  reward: string | null;
  /** What the reward gives, as the rule words it. */
  gift: Record<string, unknown> | null;
}

/** What a participant has a right to at a moment. */
export interface Entitlements {
  at: string | null;
  data: Array<Entitlement>;
}

/** Whether a person was erased. */
export interface Erasure {
  erased: boolean;
  receipt: ErasureReceipt | null;
}

/** What an erasure did. Nothing in it identifies anybody. */
export interface ErasureReceipt {
  id: string;
  /** The id that is left of the person. */
  participant: string;
  /** The event in the log that says so. */
  event: string;
  /** The key, or who ran the command. */
  requested_by: string;
  requested_at: string;
  erased_at: string;
  /** Rows rewritten or removed, by table. */
  counts: Record<string, number>;
  /**
   * Rows that the workspace wrote itself and that still name the person, by table: publish programs and name keys
   * without people.
   */
  left: Record<string, number>;
  /** The person was erased before; this is the receipt of then. */
  repeated: boolean;
}

/** One fact, as it was sent, with what became of it. */
export interface Event {
  id: string;
  type: string;
  /** The sender's id. */
  event_id: string;
  source: string;
  occurred_at: string;
  received_at: string;
  /** As sent. */
  participant: Record<string, unknown> | null;
  /** As sent. */
  account: Record<string, unknown> | null;
  /** As sent. */
  properties: Record<string, unknown>;
  /**
   * `waiting`: recorded, the engine will come to it; `failed`: the engine could not apply it, and after a few tries
   * sets it aside.
   */
  status: "applied" | "waiting" | "failed";
  /** What failed; else empty. */
  error: string;
  /** Its place in the order of application. */
  position: number | null;
  applied_at: string | null;
  decisions: Array<Decision>;
}

/** A page of events, newest first. */
export interface EventList {
  data: Array<Event>;
  /** Give it as `cursor` for the next page; null on the last. */
  next_cursor: string | null;
}

/** Why there is no answer. */
export interface Failure {
  code: "refused" | "invalid_program" | "too_long" | "process_died" | "broken";
  detail: string;
}

/** What one currency costs in another on a day. A later event of the same pair and day takes its place. */
export interface FxRatePublishedEvent {
  type: "fx.rate_published";
  /** Your own id of the fact. Sent again, it changes nothing. */
  event_id: string;
  /** Which of your systems says so; event ids are unique within a source. */
  source?: string;
  /** When it happened (RFC 3339), from 1970 to a day from now; now, when left out. */
  occurred_at?: string;
  participant?: SentParticipant;
  account?: SentAccount;
  /** What one currency costs in another on a day. A later event of the same pair and day takes its place. */
  properties: {
    /** True marks a made-up fact; shown wherever it leads. */
    simulated?: boolean | null;
    /** ISO 4217: one of this … */
    base: string;
    /** … costs `rate` of this. Another currency than `base`. */
    quote: string;
    /** A decimal as text, more than 0. */
    rate: string;
    /** The day it is of, such as `2026-03-14`. */
    date: string;
    /** Who says so, such as `ECB`. */
    source: string;
    [key: string]: unknown;
  };
}

/** Files of another system that were brought in, or are tried. */
export interface Import {
  id: string;
  mapping: string;
  program: string;
  /** What rewards stand for, where that was said. */
  rule: string | null;
  dry_run: boolean;
  state: "waiting" | "running" | "done" | "failed" | "cancelled" | "undoing" | "undone";
  progress: ImportProgress;
  asked_by: string;
  asked_at: string;
  started_at: string | null;
  ended_at: string | null;
  undone_at: string | null;
  files: Array<ImportFile>;
  counts: Array<ImportCount>;
  failure: ImportFailure | null;
}

/** A column of a file, and what it is here. */
export interface ImportColumn {
  column: string;
  /** Our fields, with commas; empty where it is left out. */
  fields: string;
}

/** How many lines of the report had which end, of one kind. */
export interface ImportCount {
  kind: "participants" | "links" | "referrals" | "rewards" | "balances";
  accepted: number;
  skipped: number;
  error: number;
  undone: number;
  kept: number;
}

/** Why nothing, or no more, was imported. */
export interface ImportFailure {
  code: string;
  detail: string;
}

/** A file that was sent. */
export interface ImportFile {
  name: string;
  /** The kind of file, as the mapping names it. */
  kind: string | null;
  /** Bytes. */
  size: number;
  sha256: string;
  format: "csv" | "jsonl" | "json";
  encoding: string;
  /** Null until it was read. */
  rows: number | null;
  columns: Array<ImportColumn>;
}

/** A line of the report: what became of a row, or of a part of it. */
export interface ImportLine {
  number: number;
  file: string;
  /** Of the file; of a JSON document, the row's number. */
  line: number;
  kind: "participants" | "links" | "referrals" | "rewards" | "balances";
  status: "accepted" | "skipped" | "error" | "undone" | "kept";
  code: string | null;
  column: string | null;
  value: string | null;
  message: string | null;
  /** Its id in the other system. */
  source_id: string | null;
  /** What it became in the log. */
  event: string | null;
}

/** One page of an import's report. */
export interface ImportLineList {
  data: Array<ImportLine>;
  /** Give it as `cursor` for the next page; null on the last. */
  next_cursor: string | null;
}

/** One page of imports. */
export interface ImportList {
  data: Array<Import>;
  /** Give it as `cursor` for the next page; null on the last. */
  next_cursor: string | null;
}

/** How far it is. */
export interface ImportProgress {
  done: number;
  /** 0 until that is known. */
  total: number;
}

/** A figure over many runs; null where no run has it. `runs_without` is how many have none. */
export interface Interval {
  mean: number | null;
  p10: number | null;
  p50: number | null;
  p90: number | null;
  runs_without: number;
}

/** An invoice was paid. */
export interface InvoicePaidEvent {
  type: "invoice.paid";
  /** Your own id of the fact. Sent again, it changes nothing. */
  event_id: string;
  /** Which of your systems says so; event ids are unique within a source. */
  source?: string;
  /** When it happened (RFC 3339), from 1970 to a day from now; now, when left out. */
  occurred_at?: string;
  participant: SentParticipant;
  account?: SentAccount;
  /** An invoice was paid. */
  properties: {
    /** True marks a made-up fact; shown wherever it leads. */
    simulated?: boolean | null;
    /** The first day of the billing period. */
    period_from?: string | null;
    /** The day after its last one. */
    period_to?: string | null;
    /** The first day that is paid for, where that is not the period's. */
    covers_from?: string | null;
    /** The day after the last one that is paid for. */
    covers_to?: string | null;
    /** The host's own id. */
    invoice_id?: string | null;
    /** Minor units of `currency`. */
    value: number;
    currency: Currency;
    [key: string]: unknown;
  };
}

/** A key, or a secret that signs participant tokens, without its text. */
export interface Key {
  /** Of a token secret: its `kid`. */
  id: string;
  kind: "secret" | "publishable" | "token";
  /** Who uses it. */
  name: string;
  /** Its last four characters. */
  hint: string;
  /** What a secret key may do. */
  scopes: Array<string>;
  /** Where browsers may use the others. */
  origins: Array<string>;
  state: "active" | "expired" | "revoked";
  created_at: string;
  expires_at: string | null;
  /** To the minute. */
  last_used_at: string | null;
  revoked_at: string | null;
  /** The key that took its place. */
  replaced_by: string | null;
}

/** A page of keys, newest first. */
export interface KeyList {
  data: Array<Key>;
  /** Give it as `cursor` for the next page; null on the last. */
  next_cursor: string | null;
}

/** A key that was made just now. */
export interface KeyMade {
  /** Of a token secret: its `kid`. */
  id: string;
  kind: "secret" | "publishable" | "token";
  /** Who uses it. */
  name: string;
  /** Its last four characters. */
  hint: string;
  /** What a secret key may do. */
  scopes: Array<string>;
  /** Where browsers may use the others. */
  origins: Array<string>;
  state: "active" | "expired" | "revoked";
  created_at: string;
  expires_at: string | null;
  /** To the minute. */
  last_used_at: string | null;
  revoked_at: string | null;
  /** The key that took its place. */
  replaced_by: string | null;
  /** Its text: shown this once. Null where a repeat answers with what was kept. */
  key: string | null;
}

/** All accounts of one kind. */
export interface KindSums {
  debits_pending: number;
  debits_posted: number;
  credits_pending: number;
  credits_posted: number;
  kind: "program_cost" | "opening" | "participant_balance" | "fulfilled" | "participant_debt";
}

/** One account of the ledger. `posted` and `pending` are positive on the account's normal side. */
export interface LedgerAccount {
  debits_pending: number;
  debits_posted: number;
  credits_pending: number;
  credits_posted: number;
  id: string;
  kind: "program_cost" | "opening" | "participant_balance" | "fulfilled" | "participant_debt";
  unit: string;
  program: string | null;
  participant: string | null;
  posted: number;
  pending: number;
}

/** Accounts as they stand, or stood at `at`. */
export interface LedgerAccounts {
  at: string | null;
  data: Array<LedgerAccount>;
}

/** What a participant shares for one program. */
export interface Link {
  id: string;
  program: LinkProgram;
  participant: PersonRef;
  /** In lower case; a person may type it in any way. */
  code: string;
  /** Its address. */
  url: string;
  /** Where it is shared; empty: nowhere in particular. */
  channel: string;
  /** `off`: it leads nowhere, and nothing begins by its code. */
  state: "on" | "off";
  /** From when on it is as if it were off. */
  expires_at: string | null;
  /** Where it leads; null: where the program says. */
  destination: string | null;
  /** Clicks of people; not more than 100,000 are counted. */
  visits: number;
  created_at: string;
}

/** An act upon a link. */
export interface LinkAct {
  /** The event that it is. */
  event: string;
  /** True: it was there before, and nothing changed. */
  duplicate: boolean;
  /** False: it is safe in the log, and the engine comes to it. */
  applied: boolean;
  decisions: Array<Decision>;
  /** As it is now; null until it is applied, and where it was refused. */
  link: Link | null;
}

/** A participant got a link and code for a program. */
export interface LinkCreatedEvent {
  type: "link.created";
  /** Your own id of the fact. Sent again, it changes nothing. */
  event_id: string;
  /** Which of your systems says so; event ids are unique within a source. */
  source?: string;
  /** When it happened (RFC 3339), from 1970 to a day from now; now, when left out. */
  occurred_at?: string;
  participant: SentParticipant;
  account?: SentAccount;
  /** A participant got a link and code for a program. */
  properties: {
    /** True marks a made-up fact; shown wherever it leads. */
    simulated?: boolean | null;
    /** The program's key. */
    program: string;
    /**
     * 3 to 64 letters (a to z), digits, hyphens and underscores, a letter or digit first. Unique in the workspace;
     * capitals, hyphens and underscores do not tell two codes apart. Left out: one is made, without letters and
     * digits that look alike.
     */
    code?: string | null;
    /** Where it is shared, such as `email`. */
    channel?: string | null;
    /** From when on it leads nowhere any more (RFC 3339). */
    expires_at?: string | null;
    /** Where it leads instead of the program's destination, on one of the program's hosts. */
    destination?: string | null;
    /** Who of the staff made it. */
    by?: string | null;
    [key: string]: unknown;
  };
}

/** A page of links, newest first. */
export interface LinkList {
  data: Array<Link>;
  /** Give it as `cursor` for the next page; null on the last. */
  next_cursor: string | null;
}

/** The program of a link in short. */
export interface LinkProgram {
  id: string;
  key: string;
}

/** A link was switched off or on, or leads elsewhere from now on. What is left out stays. */
export interface LinkUpdatedEvent {
  type: "link.updated";
  /** Your own id of the fact. Sent again, it changes nothing. */
  event_id: string;
  /** Which of your systems says so; event ids are unique within a source. */
  source?: string;
  /** When it happened (RFC 3339), from 1970 to a day from now; now, when left out. */
  occurred_at?: string;
  participant?: SentParticipant;
  account?: SentAccount;
  /** A link was switched off or on, or leads elsewhere from now on. What is left out stays. */
  properties: {
    /** True marks a made-up fact; shown wherever it leads. */
    simulated?: boolean | null;
    /** The link's code. */
    code: string;
    /** Whether it leads anywhere. */
    state?: "on" | "off" | null;
    /** Where it is shared; `""`: nowhere in particular. */
    channel?: string | null;
    /** From when on it leads nowhere; `""`: never. */
    expires_at?: string | "" | null;
    /** Where it leads; `""`: where the program says. */
    destination?: string | "" | null;
    /** Who changed it. */
    by?: string | null;
    [key: string]: unknown;
  };
}

/** A ready mapping. */
export interface Mapping {
  name: string;
  title: string;
  files: Array<string>;
  /** The mapping itself, to be used or changed. */
  document: Record<string, unknown>;
}

/** The ready mappings. */
export interface MappingList {
  data: Array<Mapping>;
}

/** The participant whom the token names. */
export interface Me {
  id: string;
  /** `sub` of the token. */
  external_id: string;
  name: string;
  email: string;
  country: string | null;
  locale: string | null;
  /** Since when they are known. */
  since: string;
}

/** An act that moves running referrals to another version of their program. */
export interface Migration {
  /** That of its event. */
  id: string;
  program: string;
  /** The version that referrals move to. */
  to: number;
  /** The versions they come from. */
  sources: Array<number>;
  /** How many referrals it named; null: all that ran. */
  named: number | null;
  by: string;
  reason: string;
  at: string;
  state: "moving" | "moved" | "going_back" | "undone";
  /** Referrals that were moved so far. */
  moved: number;
  /** Referrals that it named and that could not be moved. */
  stayed: number;
  /** Referrals that went back so far. */
  back: number;
  /** Referrals that could not go back: see the decisions. */
  kept: number;
  /** Empty where it was not taken back. */
  undone_by: string;
  undone_at: string | null;
  /** Why it was taken back, if anybody said. */
  undone_reason: string;
}

/** What one rule would give, or, in `totals`, all rules together in one unit (`rule` and `on` are empty). */
export interface MigrationCost {
  rule: string;
  /** The state of the referral, or in `later` the event. */
  on: string;
  to: string;
  unit: string;
  /** How many rewards. */
  rewards_before: number;
  rewards_after: number;
  before: MigrationRange;
  after: MigrationRange;
  /** Whether a rule asks for more (`when`). */
  conditional: boolean;
}

/** The newest 100 migrations of a program. */
export interface MigrationList {
  data: Array<Migration>;
}

export interface MigrationPerson {
  id: string;
  /** Their name, else their external id or address. */
  label: string;
}

/** What a migration would do: who is affected, what changes for each, and what it would cost at most. */
export interface MigrationPreview {
  program: string;
  to: number;
  /** How many would be moved. */
  referrals: number;
  /** The same by state. */
  states: Record<string, number>;
  /** How many would stay, by reason. */
  stays: Record<string, number>;
  sources: Array<MigrationSource>;
  /** By rule, if every referral went on to each state ahead of it. */
  costs: Array<MigrationCost>;
  /** The same by unit. */
  totals: Array<MigrationCost>;
  /** Rewards for events, what each such event gives: how many will come nobody knows, so they are in no total. */
  later: Array<MigrationCost>;
  /**
   * Whether each referrer's tier of today was looked at. Of over 5,000 referrals it is not: what depends on the
   * tier is a range then.
   */
  exact: boolean;
  /** What `likely` amounts stand on; null where no referral of the program was won yet. */
  assumed_value: AssumedValue | null;
  /** One page, of at most 50. */
  data: Array<MigrationRow>;
  /** Give it as `after` for the next page; empty on the last. */
  after: string;
}

/** What rewards come to, in minor units: from the least to the most. */
export interface MigrationRange {
  low: number;
  /** Null where there is no most. */
  high: number | null;
  /**
   * What it depends on where it is no one number: what an order is worth, facts that an expression reads, a draw,
   * or the referrer's tier.
   */
  depends_on: "" | "order" | "facts" | "draw" | "tier";
  /**
   * What it comes to where an order is worth `assumed_value`, and a draw gives its mean; null where it is one
   * number, or nobody can say.
   */
  likely: number | null;
  text: string;
}

/** One referral, and what would change for it. */
export interface MigrationRow {
  id: string;
  external_id: string | null;
  referrer: MigrationPerson;
  referred: MigrationPerson;
  state: "submitted" | "qualified" | "opportunity" | "closed_won" | "closed_lost" | "disqualified" | "nurture" | "expired" | "duplicate" | "voided";
  /** The version it has. */
  version: number;
  /** What is still ahead of it, where that would not be the same. */
  changes: Array<Change>;
  /** The reason why it would not be moved, or empty. */
  stays: string;
}

/** A version that referrals would come from. */
export interface MigrationSource {
  version: number;
  referrals: number;
  /** What the new version changes of it. */
  changes: Array<Change>;
}

/** A person reached something worth celebrating. */
export interface MilestoneReachedEvent {
  type: "milestone.reached";
  /** Your own id of the fact. Sent again, it changes nothing. */
  event_id: string;
  /** Which of your systems says so; event ids are unique within a source. */
  source?: string;
  /** When it happened (RFC 3339), from 1970 to a day from now; now, when left out. */
  occurred_at?: string;
  participant: SentParticipant;
  account?: SentAccount;
  /** A person reached something worth celebrating. */
  properties: {
    /** True marks a made-up fact; shown wherever it leads. */
    simulated?: boolean | null;
    /** Its name. */
    milestone: string;
    [key: string]: unknown;
  };
}

/** How often something moved a balance, and by how much in all, in minor units. */
export interface Movement {
  count: number;
  amount: number;
}

/** What became of what they did. */
export interface MyAct {
  event: string;
  /** False: it is safe, and is decided in a moment. */
  applied: boolean;
  outcomes: Array<MyOutcome>;
}

/** A claim of theirs. */
export interface MyClaim {
  id: string;
  program: MyProgram;
  state: "waiting" | "approved" | "rejected";
  /** Where it stands, and why it was rejected, in words for them. */
  said: string;
  /** Whom, as they told it. */
  referred: Record<string, string>;
  proof: string;
  url: string;
  reference: string;
  claimed_at: string;
  decided_at: string | null;
  /** The referral that it began or won. */
  referral: string | null;
}

/** What became of a claim that they made. */
export interface MyClaimAct {
  event: string;
  /** False: it is safe, and is decided in a moment. */
  applied: boolean;
  outcomes: Array<MyOutcome>;
  claim: MyClaim | null;
}

/** A page of claims, newest first. */
export interface MyClaimList {
  data: Array<MyClaim>;
  /** Give it as `cursor` for the next page; null on the last. */
  next_cursor: string | null;
}

/** A link of theirs. */
export interface MyLink {
  id: string;
  program: MyProgram;
  /** In lower case; a person may type it in any way. */
  code: string;
  /** The address to share. */
  url: string;
  channel: string;
  /** `off`: it leads nowhere. */
  state: "on" | "off";
  expires_at: string | null;
  created_at: string;
}

/** A page of links, newest first. */
export interface MyLinkList {
  data: Array<MyLink>;
  /** Give it as `cursor` for the next page; null on the last. */
  next_cursor: string | null;
}

/** One movement on their accounts. */
export interface MyMovement {
  at: string;
  phase: "pending" | "posted" | "post" | "void";
  amount: number;
  unit: string;
  program: string;
  reward: string;
}

/** The newest movements, the newest first. */
export interface MyMovements {
  data: Array<MyMovement>;
}

/** What became of a link that they asked for. */
export interface MyNewLink {
  event: string;
  /** False: it is safe, and is decided in a moment. */
  applied: boolean;
  outcomes: Array<MyOutcome>;
  link: MyLink | null;
}

/** What a program made of what they did. */
export interface MyOutcome {
  program: string | null;
  outcome: "yes" | "no";
  /** Why, in words for them. */
  said: string;
}

/** A program, to a participant. */
export interface MyProgram {
  key: string;
  name: string;
}

/** A referral that they made. */
export interface MyReferral {
  id: string;
  program: MyProgram;
  state: "submitted" | "qualified" | "opportunity" | "closed_won" | "closed_lost" | "disqualified" | "nurture" | "expired" | "duplicate" | "voided";
  /** Why it ended, where it did, in words for them. */
  said: string;
  /** What they told of whom they referred; empty where they told nothing. */
  referred: Record<string, string>;
  submitted_at: string;
  qualified_at: string | null;
  closed_at: string | null;
  updated_at: string;
}

/** A page of referrals, newest first. */
export interface MyReferralList {
  data: Array<MyReferral>;
  /** Give it as `cursor` for the next page; null on the last. */
  next_cursor: string | null;
}

/** A reward of theirs. */
export interface MyReward {
  id: string;
  program: MyProgram;
  /** The referral that earned it, where they made it. */
  referral: string | null;
  /** As of a reward. */
  state: string;
  /** Why it is not paid, where it is not, in words for them. */
  said: string;
  /** As the rule words it. */
  gift: Record<string, unknown>;
  /** In minor units for a currency. */
  amount: number | null;
  unit: string;
  /** The part that was taken back. */
  reversed: number;
  /** The part that paid what they owed. */
  netted: number;
  granted_at: string;
  hold_until: string | null;
  approved_at: string | null;
  issued_at: string | null;
  expires_at: string | null;
}

/** A page of rewards, newest first. */
export interface MyRewardList {
  data: Array<MyReward>;
  /** Give it as `cursor` for the next page; null on the last. */
  next_cursor: string | null;
}

/** What became of a referral that they submitted. */
export interface MySubmission {
  event: string;
  /** False: it is safe, and is decided in a moment. */
  applied: boolean;
  outcomes: Array<MyOutcome>;
  referral: MyReferral | null;
}

/** One call of which something is to be said. */
export interface Noted {
  /** Where (a JSON pointer into the body). */
  pointer: string;
  code: string;
  detail: string;
}

/**
 * What a first friend or customer brings, in the currency's major unit, at the values assumed. Of a loyalty program
 * `referrer` is what an order of average worth brings a member.
 */
export interface Offer {
  referrer: number;
  referred: number;
}

export interface OneDecision {
  outcome: string;
  reason: string;
  trace: Record<string, unknown>;
}

/** A paid order. The first one of somebody who was not referred begins a referral where its evidence says so. */
export interface OrderCompletedEvent {
  type: "order.completed";
  /** Your own id of the fact. Sent again, it changes nothing. */
  event_id: string;
  /** Which of your systems says so; event ids are unique within a source. */
  source?: string;
  /** When it happened (RFC 3339), from 1970 to a day from now; now, when left out. */
  occurred_at?: string;
  participant: SentParticipant;
  account?: SentAccount;
  /** A paid order. The first one of somebody who was not referred begins a referral where its evidence says so. */
  properties: {
    /** True marks a made-up fact; shown wherever it leads. */
    simulated?: boolean | null;
    /** The link code the person came with. */
    code?: string | null;
    /** The click that the destination was told. It and the earlier visits of the same browser become touches. */
    click_id?: string | null;
    /** Other evidence of who brought the person; clicks are added to it. */
    touches?: Array<Touched> | null;
    /** Your own id of the visitor before they were known: what was told of it becomes theirs. */
    anonymous_id?: string | null;
    /** The first day of the billing period. */
    period_from?: string | null;
    /** The day after its last one. */
    period_to?: string | null;
    /** The first day that is paid for, where that is not the period's. */
    covers_from?: string | null;
    /** The day after the last one that is paid for. */
    covers_to?: string | null;
    /** The shop's own id. */
    order_id?: string | null;
    /** Minor units of `currency`. */
    value: number;
    currency: Currency;
    /** How many things. */
    quantity?: number | null;
    /** The coupon that was used: evidence, where it is the code of a link. */
    coupon?: string | null;
    /** What your checkout was given: a click (clk_…) is one, anything else is kept as sent. */
    client_reference_id?: string | null;
    [key: string]: unknown;
  };
}

/**
 * All or part of an order was paid back. Without `value` and `currency` it is the whole: all that is left of the
 * order that `order_id` names; the log keeps the amount that this comes to.
 */
export interface OrderRefundedEvent {
  type: "order.refunded";
  /** Your own id of the fact. Sent again, it changes nothing. */
  event_id: string;
  /** Which of your systems says so; event ids are unique within a source. */
  source?: string;
  /** When it happened (RFC 3339), from 1970 to a day from now; now, when left out. */
  occurred_at?: string;
  participant: SentParticipant;
  account?: SentAccount;
  /**
   * All or part of an order was paid back. Without `value` and `currency` it is the whole: all that is left of the
   * order that `order_id` names; the log keeps the amount that this comes to.
   */
  properties?: {
    /** True marks a made-up fact; shown wherever it leads. */
    simulated?: boolean | null;
    /** The shop's own id; needed where there is no `value`. */
    order_id?: string | null;
    /** The refunded part, in minor units of `currency`. Left out: all that is left of the order. */
    value?: number | null;
    currency?: Currency | null;
    [key: string]: unknown;
  };
}

export interface Owed {
  /** Held. */
  pending: number;
  /** Approved and not handed over, less what paid a debt; points: not spent either. */
  approved: number;
  /** To people: `pending` and `approved`. */
  owed: number;
  /**
   * By people: what was taken back after they had it, and no later reward has paid. Later rewards pay it; nobody is
   * asked for money back.
   */
  debt: number;
  /** `owed` less `debt`. */
  net: number;
}

/** A person known to the workspace. */
export interface Participant {
  id: string;
  external_id: string | null;
  email: string;
  name: string;
  account: AccountRef | null;
  /** What events told about the person. */
  traits: Record<string, unknown>;
  first_seen_at: string;
  updated_at: string;
  /** Participants who turned out to be this person. Their ids and addresses name this one. */
  merged: Array<PersonRef>;
}

/** An act upon a participant. */
export interface ParticipantAct {
  /** The event that it is. */
  event: string;
  /** True: it was there before, and nothing changed. */
  duplicate: boolean;
  /** False: it is safe in the log, and the engine comes to it. */
  applied: boolean;
  decisions: Array<Decision>;
  /** As they are now; null until it is applied. */
  participant: Participant | null;
}

/**
 * A person's traits, as the host product knows them. Later facts replace earlier ones. Evidence of who brought the
 * person is kept until they sign up or order.
 */
export interface ParticipantIdentifiedEvent {
  type: "participant.identified";
  /** Your own id of the fact. Sent again, it changes nothing. */
  event_id: string;
  /** Which of your systems says so; event ids are unique within a source. */
  source?: string;
  /** When it happened (RFC 3339), from 1970 to a day from now; now, when left out. */
  occurred_at?: string;
  participant: SentParticipant;
  account?: SentAccount;
  /**
   * A person's traits, as the host product knows them. Later facts replace earlier ones. Evidence of who brought
   * the person is kept until they sign up or order.
   */
  properties?: {
    /** True marks a made-up fact; shown wherever it leads. */
    simulated?: boolean | null;
    /** The link code the person came with. */
    code?: string | null;
    /** The click that the destination was told. It and the earlier visits of the same browser become touches. */
    click_id?: string | null;
    /** Other evidence of who brought the person; clicks are added to it. */
    touches?: Array<Touched> | null;
    /** Your own id of the visitor before they were known: what was told of it becomes theirs. */
    anonymous_id?: string | null;
    /** ISO 3166-1 alpha-2. */
    country?: string | null;
    /** BCP 47, such as `nb-NO`. */
    locale?: string | null;
    /** Another external id of the same person, or ours (par_…): that participant is merged into this one. */
    previous_id?: string | null;
    [key: string]: unknown;
  };
}

/** A page of participants, newest first. */
export interface ParticipantList {
  data: Array<Participant>;
  /** Give it as `cursor` for the next page; null on the last. */
  next_cursor: string | null;
}

/** A person joined the host product, perhaps through a link or with a code. */
export interface ParticipantSignedUpEvent {
  type: "participant.signed_up";
  /** Your own id of the fact. Sent again, it changes nothing. */
  event_id: string;
  /** Which of your systems says so; event ids are unique within a source. */
  source?: string;
  /** When it happened (RFC 3339), from 1970 to a day from now; now, when left out. */
  occurred_at?: string;
  participant: SentParticipant;
  account?: SentAccount;
  /** A person joined the host product, perhaps through a link or with a code. */
  properties?: {
    /** True marks a made-up fact; shown wherever it leads. */
    simulated?: boolean | null;
    /** The link code the person came with. */
    code?: string | null;
    /** The click that the destination was told. It and the earlier visits of the same browser become touches. */
    click_id?: string | null;
    /** Other evidence of who brought the person; clicks are added to it. */
    touches?: Array<Touched> | null;
    /** Your own id of the visitor before they were known: what was told of it becomes theirs. */
    anonymous_id?: string | null;
    /** What your checkout was given: a click (clk_…) is one, anything else is kept as sent. */
    client_reference_id?: string | null;
    /** Another external id of the same person, or ours (par_…): that participant is merged into this one. */
    previous_id?: string | null;
    [key: string]: unknown;
  };
}

/**
 * Two participants who were merged are two people after all: the merge is taken back. It is about the one whom
 * `previous_id` names; a `participant` beside it is not read.
 */
export interface ParticipantSplitEvent {
  type: "participant.split";
  /** Your own id of the fact. Sent again, it changes nothing. */
  event_id: string;
  /** Which of your systems says so; event ids are unique within a source. */
  source?: string;
  /** When it happened (RFC 3339), from 1970 to a day from now; now, when left out. */
  occurred_at?: string;
  participant?: SentParticipant;
  account?: SentAccount;
  /**
   * Two participants who were merged are two people after all: the merge is taken back. It is about the one whom
   * `previous_id` names; a `participant` beside it is not read.
   */
  properties: {
    /** True marks a made-up fact; shown wherever it leads. */
    simulated?: boolean | null;
    /** Who was merged into another: their external id, or ours (par_…). */
    previous_id: string;
    [key: string]: unknown;
  };
}

/** The referred person in a submission, and what is known of the company. */
export interface Person {
  /** The person's name. */
  name?: string | null;
  /** Tells whether the person is known already. */
  email: string;
  /** Where they work. */
  company?: string | null;
  /** ISO 3166-1 alpha-2. */
  country?: string | null;
  /** Of the company. */
  industry?: string | null;
  /** How many people work there. */
  employees?: number | null;
  /** Whether the company buys already; left out: no. */
  is_customer?: boolean | null;
  /** Whether sales works on it already; left out: no. */
  in_pipeline?: boolean | null;
  [key: string]: unknown;
}

/** A participant in short. */
export interface PersonRef {
  id: string;
  external_id: string | null;
  email: string;
  name: string;
}

/** A versioned document of rules. */
export interface Program {
  id: string;
  key: string;
  name: string;
  kind: string;
  /** True where it runs in test mode: its rewards go nowhere. */
  test: boolean;
  live_version: number | null;
  /** `draft` and `review`: nothing was published yet. `scheduled`: no version is live yet. */
  state: "draft" | "review" | "scheduled" | "live" | "paused" | "ended";
  /** Whether it has ended and its open referrals may still finish. */
  settling: boolean;
  /** What stopped it, where it is paused or has ended. */
  stopped: Stopped | null;
  created_at: string;
}

/** A person of the role must approve, always or above an amount (minor units). */
export interface ProgramApproval {
  /** The role. */
  by: string;
  /** Only amounts above this one need it; left out: all. */
  above?: number | null;
}

/** Which evidence counts, and how long. */
export interface ProgramAttribution {
  /** How old a touch may be: it counts until this long after it. */
  window?: string | null;
  /**
   * Which of several touches of the strongest kind wins: the first or the last. `sticky`: the first touch of any
   * kind, whatever comes later.
   */
  model?: "first_touch" | "last_touch" | "sticky";
  /** The kinds of touch that count, strongest first. */
  evidence?: Array<"code" | "coupon" | "submission" | "link" | "invitation" | "claim" | "crm">;
}

/** What values from here on give, up to where the next band begins. */
export interface ProgramBand {
  /** The first value of the band, in minor units. */
  from: number;
  /** In minor units. Either this or `percent`. */
  amount?: number | null;
  /** Of the whole value, rounded half to even. */
  percent?: (number) | null;
}

/**
 * An amount per band of a value. A band has its `from` and all above it, up to but not including the next one's; a
 * value below the first band gives nothing (`no_band`).
 */
export interface ProgramByBand {
  /** From low to high. */
  band: Array<ProgramBand>;
  /**
   * Whose value: the event's or the referral's; left out: the event's, or where it has none the referral's. A value
   * in another currency is exchanged at the rate of the event's day.
   */
  of?: "event" | "referral" | null;
}

/**
 * An amount that an expression reckons: a number of minor units, rounded half to even. In it `event.value` is in
 * the program's currency. One that cannot be reckoned, or is below 0, gives nothing (`amount_error`).
 */
export interface ProgramByFormula {
  /** A CEL expression. */
  cel: string;
}

/**
 * A draw from a published list that anybody can repeat: the BLAKE2b hash (16 bytes) of the reward's public id
 * (`rwd_…`), as a big-endian whole number, modulo the sum of the weights; the amount in whose part of the sum, in
 * the order of the list, that falls is drawn.
 */
export interface ProgramByOdds {
  /** The amounts and how often each is drawn. */
  odds: Array<ProgramChance>;
}

/** An amount per tier. A tier that is not named has the amount of the nearest one below it. */
export interface ProgramByTier {
  /** By tier id, the amount in minor units, or a percentage. */
  by_tier: Record<string, unknown>;
}

/** Groups of people who share the value of a trait. */
export interface ProgramByTrait {
  /** The participant's trait whose text names the group. */
  trait: string;
}

/** A time-boxed modifier: both days included, in the program's time zone. */
export interface ProgramCampaign {
  /** Its name in decisions. */
  id: string;
  /** What participants read; left out: its id in words. */
  name?: string | null;
  /** The first day. */
  from: string;
  /** The last day. */
  to: string;
  /** Must hold too. */
  when?: string | null;
  /** By rule id, what changes. */
  rewards?: Record<string, unknown>;
  /** By limit id, how much more the limit allows while the campaign runs: rewards, or amount. */
  extend?: Record<string, unknown>;
  /** A limit of its own. */
  limit?: ProgramCampaignLimit | null;
}

/** How much a campaign gives in all. Once that is used up it changes nothing more. */
export interface ProgramCampaignLimit {
  /** How many rewards it changes. Either this or `budget`. */
  count?: number | null;
  /** How much it adds to them in its unit; the last one gets what is left. */
  budget?: number | null;
  /** The unit of the budget; left out: the program's currency. */
  unit?: string | null;
}

/** Something that points buy in a loyalty program. */
export interface ProgramCatalogueItem {
  /** Its name in `catalogue.redeemed` and in decisions. */
  id: string;
  /** What people call it. */
  name: string;
  /** How much of the unit it takes. */
  price: number;
  /** One of the program's `units`; may be left out where there is one. */
  unit?: string | null;
  /** What they get for it. */
  gift: ProgramGift;
  /** Must hold too. */
  when?: string | null;
  /** Whether a person must approve. */
  approval?: ProgramApproval | null;
  /** The deadlines we owe. */
  promise?: ProgramPromise | null;
  /** When it lapses if it is not used. */
  expire?: ProgramExpire | null;
}

/** One amount of a draw. */
export interface ProgramChance {
  /** In minor units. */
  amount: number;
  /** Drawn this often among the sum of all weights. */
  weight: number;
}

/** What a campaign does to a rule's amount: multiply (rounded half to even), then add; or set it. */
export interface ProgramChange {
  /** Times this. */
  multiply?: (number) | null;
  /** Plus this, in minor units. */
  add?: number | null;
  /** This instead, in minor units. */
  set?: number | null;
}

/** What a document changes of a version. No changes: they mean the same. */
export interface ProgramChanges {
  program: string;
  /** The version beside it; null where there is none. */
  against: number | null;
  changes: Array<Change>;
}

/** A ranked competition of referrers over a period: both days included, in the program's time zone. */
export interface ProgramContest {
  /** Its name in decisions; each contest has its own. */
  id: string;
  /** What people call it. */
  name: string;
  /** The first day. */
  from: string;
  /** The last day. */
  to: string;
  /**
   * What is counted of a participant's referrals that got there within the period: those submitted, qualified or
   * won, or, as `revenue`, the value of those won less refunds. Or events about the participant: `{count:
   * workshop.attended}`, `{sum: order.completed}`, less refunds.
   */
  metric: "submitted" | "qualified" | "closed_won" | "revenue" | ProgramEventMetric;
  /**
   * Who has the same score. `earliest`: whoever reached it first is before. `share`: they share the prizes of their
   * places. `all`: each wins the prize of the best of their places.
   */
  ties?: "earliest" | "share" | "all";
  /** Must hold for a referral, or event, to count. */
  when?: string | null;
  /**
   * How long after the end the result becomes final; until then late facts, refunds and disqualifications count.
   * Left out: at the end.
   */
  final_after?: string | null;
  /** What is won, by place. */
  prizes: Array<ProgramPrize>;
}

/** A published revision with its document. */
export interface ProgramDocument {
  id: string;
  program: string;
  number: number;
  live: boolean;
  /** When it is to go live, where that is later. */
  due_at: string | null;
  /** SHA-256 of the document in canonical JSON. */
  digest: string;
  published_at: string;
  published_by: string;
  /** The legal text that holds for what begins under it. */
  terms: Terms | null;
  document: Record<string, unknown>;
}

/** Who may refer and who may be referred. All must hold; the first that fails gives the reason. */
export interface ProgramEligibility {
  /** What must hold of the referrer; else no referral is made. */
  refer?: Array<ProgramRequirement>;
  /**
   * What must hold of the referred person; else a submitted referral is kept as `disqualified`, and a sign-up makes
   * none.
   */
  be_referred?: Array<ProgramRequirement>;
}

/** Events about people: how many of a type, or the sum of a property of theirs. */
export interface ProgramEventMetric {
  /** The type of event of which each counts for 1. */
  count?: string | null;
  /** Or the type of event of which `of` is added up. */
  sum?: string | null;
  /** The property of the event that is added up, a whole number; `value` in the program's currency. */
  of?: string;
}

/**
 * A controlled comparison: conditions and amounts read a person's variant as `experiment.` and its id. The BLAKE2b
 * hash (16 bytes) of `program:experiment:par_…`, as a big-endian whole number, modulo the sum of the weights, falls
 * into the part of one variant, in the order of the list.
 */
export interface ProgramExperiment {
  /** Its name: `experiment.thanks_size`. */
  id: string;
  /** Who is drawn: the `referrer` (left out too) or the `referred`. In a loyalty program it is the participant. */
  whose?: "referrer" | "referred" | null;
  /** Its sides. One that no condition names goes untreated. */
  variants: Array<ProgramVariant>;
}

/** When an issued, unused reward lapses, or points that were not spent: with both, whichever comes first. */
export interface ProgramExpire {
  /** Counted from issue; for points from the end of their hold. */
  after?: string | null;
  /** At the end of this day in the program's time zone; what is issued later lapses at once. Not for points. */
  on?: string | null;
  /** When the owner did nothing for so long: no event about them, of any type but the engine's own. */
  inactive?: string | null;
  /** Only when the month is over in which it would lapse, in the program's time zone. */
  end_of?: "month" | null;
}

/** What is given. An amount is in minor units of the program's currency, or of `unit`. */
export interface ProgramGift {
  /** What kind of thing it is. */
  type: "account_credit" | "cash" | "gift_card" | "discount" | "free_period" | "trial_extension" | "points" | "upgrade" | "feature" | "quantity" | "service" | "product" | "donation" | "access" | "recognition";
  /** How much: fixed, by tier, a percentage or by band of a value, by an expression, or drawn. */
  amount?: number | ProgramByTier | ProgramShare | ProgramByBand | ProgramByFormula | ProgramByOdds | null;
  /** A currency or one of the program's `units`. */
  unit?: string | null;
  /** For a discount. */
  percent?: number | null;
  /** Of a discount without `duration`: to what it applies; left out: once. */
  applies?: "once" | "forever" | "next_shipment" | null;
  /**
   * How long a discount, upgrade, feature or access lasts; of a free period or a longer trial: how much time is
   * given.
   */
  duration?: string | null;
  /** Of an upgrade: the plan it leads to. */
  plan?: string | null;
  /** Of a gift card: whose. */
  brand?: string | null;
  /** Of a donation: to whom it goes. */
  recipient?: string | null;
  /** Of a feature, service, product, access or recognition, or of what a quantity is. */
  name?: string | null;
}

/** A target that a group reaches together; then every member gets the rewards, each person once. */
export interface ProgramGoal {
  /** Its name in decisions. */
  id: string;
  /**
   * What of the members' referrals is counted: those submitted, qualified or won, or, as `revenue`, the value of
   * those won less refunds, in minor units of the program's currency. Or events about members: `{count:
   * workshop.attended}`, `{sum: order.completed}`, less refunds.
   */
  metric: "submitted" | "qualified" | "closed_won" | "revenue" | ProgramEventMetric;
  /** The count or sum that reaches it. */
  target: number;
  /**
   * Who counts together: everybody, the people of one account, or those with the same text in a trait. What a
   * referral counted for stays with the group that its referrer was in then.
   */
  group?: "program" | "account" | ProgramByTrait;
  /** The first day; left out: from the start. */
  from?: string | null;
  /** The last day; left out: for ever. */
  to?: string | null;
  /** Begins anew with every calendar period in the program's time zone. */
  every?: "day" | "week" | "month" | "quarter" | "year" | null;
  /** Must hold for a referral, or event, to count. */
  when?: string | null;
  /**
   * `contributors`: whose referrals counted. `participants`: also who has a link of the program or submitted a
   * referral in it.
   */
  members?: "contributors" | "participants";
  /** Whether who becomes a member after it was reached, in the same period, gets the rewards. */
  late?: "give" | "none";
  /** What every member gets. */
  rewards: Array<ProgramSharedReward>;
}

/**
 * Events of a type about a person, counted, or a property of them added up, within a time. Conditions and amounts
 * read it as `history.` and its id. It counts from the moment its version is live.
 */
export interface ProgramHistoryCount {
  /** The type of event of which each counts for 1. */
  count?: string | null;
  /** Or the type of event of which `of` is added up. */
  sum?: string | null;
  /** The property of the event that is added up, a whole number; `value` in the program's currency. */
  of?: string;
  /** Its name: `history.recent_orders`. */
  id: string;
  /**
   * So many whole days of the program's time zone, today and those before it. Either this or `every`; neither: all
   * since it counts.
   */
  within?: string | null;
  /** The calendar period of the event at hand. */
  every?: "day" | "week" | "month" | "quarter" | "year" | null;
  /** About whom: `referred` (left out too) or `referrer`. In a loyalty program it is the participant. */
  whose?: "referrer" | "referred" | null;
}

/** How a referral moves: people move it (`sales`) or events move it (`self_serve`). */
export interface ProgramLifecycle {
  /**
   * `sales`: begins with `referral.submitted`, and passes every state on its way. `self_serve`: begins when a
   * person signs up with a code; states without a step are skipped.
   */
  flow: "sales" | "self_serve";
  /** What makes the lead good. */
  qualified?: ProgramStep | null;
  /** What opens a deal. */
  opportunity?: ProgramStep | null;
  /** What wins it. */
  closed_won?: ProgramStep | null;
  /** What loses it. */
  closed_lost?: ProgramStep | null;
  /** An open referral expires this long after it began. */
  expire_after?: string | null;
}

/**
 * A cap on the number of rewards, or a budget for their amounts in one unit. A rejected or cancelled reward gives
 * its place back.
 */
export interface ProgramLimit {
  /** Its name in a campaign's `extend`. */
  id?: string | null;
  /**
   * Counts rewards to the referrer, to the referred, to the participant (of a loyalty program), of the referrer's
   * account, all, or all that a campaign changed, each campaign by itself.
   */
  per: "referrer" | "referred" | "participant" | "account" | "program" | "campaign";
  /** The calendar period in the program's time zone; left out, and `within` too: for ever. */
  every?: "day" | "week" | "month" | "quarter" | "year" | null;
  /** A rolling period of whole days, today and those before it, in the program's time zone. Either this or `every`. */
  within?: string | null;
  /** With `per: campaign`, only these; left out: each. */
  campaigns?: Array<string> | null;
  /** Only these rules; left out: all. */
  rules?: Array<string> | null;
  /** How many rewards. Either this or `budget`. */
  count?: number | null;
  /** How much in its unit; rewards in other units do not count. */
  budget?: number | null;
  /** The unit of the budget, a currency or one of `units`; left out: the program's currency. */
  unit?: string | null;
  /**
   * `reject`: no reward. `partial`: what is left of the budget. `waitlist`: it stands in line, first come first
   * served, and is tried again when a place is given back, the limit is raised, or the next period begins.
   */
  when_reached?: "reject" | "partial" | "waitlist";
}

/** Where the links of a program's participants lead. Nothing leads anywhere else. */
export interface ProgramLinks {
  /** The page that a link opens. Left out, a visitor is shown the code that they came with. */
  destination?: string | null;
  /** Further hosts that a link may be asked to lead to (`?to=`); the destination's own always may be. */
  hosts?: Array<string>;
  /**
   * Where a link leads that is switched off or has expired, and every link while the program is paused and after
   * its end. Left out: the workspace's fallback, or a page that says so.
   */
  fallback?: string | null;
  /**
   * Whether everybody has a link: who has none in this program gets one when they first ask for theirs. `false`:
   * only who is given one. A loyalty program gives none by itself.
   */
  automatic?: boolean;
  /** The name under which the destination is told the code. */
  code_name?: string;
  /** The name under which it is told the click's id. */
  click_name?: string;
}

/** A page of programs, newest first. */
export interface ProgramList {
  data: Array<Program>;
  /** Give it as `cursor` for the next page; null on the last. */
  next_cursor: string | null;
}

/** What is won by a place, or by each of several places. A place may win several prizes. */
export interface ProgramPrize {
  /** Its name in limits, campaigns and decisions, unlike any rule's. */
  id: string;
  /** What they get. Its amount, if it has one, is fixed. */
  give: ProgramGift;
  /** Kept pending this long. */
  hold?: string | null;
  /** Whether a person must approve. */
  approval?: ProgramApproval | null;
  /** The deadlines we owe. */
  promise?: ProgramPromise | null;
  /** When it lapses if it is not used. */
  expire?: ProgramExpire | null;
  /** The place that wins it. */
  place?: number | null;
  /** Or the first and the last place that win it. */
  places?: Array<number> | null;
}

/** By when people are told and paid, counted from the grant (paid: from the end of the hold). */
export interface ProgramPromise {
  /** By when the receiver is told. */
  notify?: string | null;
  /** By when the reward has reached them. */
  fulfil?: string | null;
}

/** Deals must be registered: submitted, and accepted by `qualified` before they are won. Others earn nothing. */
export interface ProgramRegistration {
  /** Accepted within this time after they were submitted. */
  window?: string | null;
}

/** One condition that must hold; its code is the reason where it does not. */
export interface ProgramRequirement {
  /** The reason code staff see. */
  code: string;
  /** True lets the referral pass. */
  when: string;
}

/**
 * What takes a reward back: before approval it is cancelled, after issue a debt is posted, which the next rewards
 * of that unit pay.
 */
export interface ProgramReverse {
  /** Types of events about the referred person, or naming the referral. */
  on: Array<string>;
  /** Counted from the grant; left out: for ever. */
  within?: string | null;
  /**
   * `full`: all that is left. `proportional`: the refunded share of the referral's value, all refunds taken
   * together, rounded half to even. `none`: nothing.
   */
  how?: "full" | "proportional" | "none";
  /** Must hold too. */
  when?: string | null;
}

/** One promise: on what, to whom, what. On a state it pays once for a referral; on an event, once for each. */
export interface ProgramRule {
  /** Its name in limits, campaigns and decisions. */
  id: string;
  /**
   * The state of the referral that earns it: `referral.submitted`, `referral.qualified`, `referral.opportunity`,
   * `referral.closed_won` or `referral.closed_lost`. Or the type of an event about the referred person, or naming
   * the referral, while the referral stands. Or `tier.reached`, by the referrer, or `anniversary.reached`. In a
   * loyalty program any type of event about the participant, each event once.
   */
  on: string;
  /**
   * Of a rule on `tier.reached`: only this tier; left out: each that is reached. A tier is paid once in its period,
   * its window, or for ever.
   */
  tier?: string | null;
  /**
   * Of a rule on `anniversary.reached`, from when it counts: `won` (left out too) or `begun`, of the referral; in a
   * loyalty program the type of event whose first one about the participant begins it.
   */
  since?: "won" | "begun" | string | null;
  /** Of a rule on `anniversary.reached`: how far apart they are; left out: a year. */
  each?: string | null;
  /** Of the events that could earn it, only this one does. */
  nth?: number | null;
  /** Of the events that could earn it, only the first so many. */
  first?: number | null;
  /** Of the events that could earn it, each so-many-th. */
  every?: number | null;
  /** Only events this soon after the referral was won. */
  for?: string | null;
  /** Only events from this month on, counted from the moment the referral was won, which begins month 1. */
  from_month?: number | null;
  /** Only events up to the end of this month. */
  to_month?: number | null;
  /** Types of events that end it for good: what happens later earns nothing. */
  until?: Array<string>;
  /** Who gets it; `participant`: whom the event is about, in a loyalty program. */
  to: "referrer" | "referred" | "participant";
  /** What they get. */
  give: ProgramGift;
  /**
   * Of a fixed amount for a payment, or one by tier: it is for the whole billing period, `period_from` to
   * `period_to` of the event, and a payment for a part of it, `covers_from` to `covers_to`, earns the part.
   */
  prorate?: boolean;
  /** Must hold too. */
  when?: string | null;
  /** Kept pending this long. */
  hold?: string | null;
  /**
   * Types of events that end the hold. With `hold` it ends then at the latest; without, it lasts until one comes.
   * Where event and reward both name an order, it must be the same.
   */
  release_on?: Array<string>;
  /** Whether a person must approve. */
  approval?: ProgramApproval | null;
  /** What takes it back. */
  reverse?: ProgramReverse | null;
  /** The deadlines we owe. */
  promise?: ProgramPromise | null;
  /** When it lapses if it is not used. */
  expire?: ProgramExpire | null;
}

/**
 * A percentage of a value, in minor units of the program's currency, rounded half to even; then not less than
 * `floor` and not more than `ceiling`.
 */
export interface ProgramShare {
  /** Of the value. */
  percent: number;
  /**
   * Whose value: the event's or the referral's; left out: the event's, or where it has none the referral's. A value
   * in another currency is exchanged at the rate of the event's day.
   */
  of?: "event" | "referral" | null;
  /** At least this, in minor units. */
  floor?: number | null;
  /** At most this, in minor units. */
  ceiling?: number | null;
}

/** What one person gets of a shared goal or a contest, with all that an ordinary reward has. */
export interface ProgramSharedReward {
  /** Its name in limits, campaigns and decisions, unlike any rule's. */
  id: string;
  /** What they get. Its amount, if it has one, is fixed. */
  give: ProgramGift;
  /** Kept pending this long. */
  hold?: string | null;
  /** Whether a person must approve. */
  approval?: ProgramApproval | null;
  /** The deadlines we owe. */
  promise?: ProgramPromise | null;
  /** When it lapses if it is not used. */
  expire?: ProgramExpire | null;
}

/** A program as written. */
export interface ProgramSource {
  /** The program's key in its workspace. */
  program: string;
  /**
   * `referral`: rewards for good words. `partner`: the same, of resellers who bring deals. `loyalty`: points and
   * gifts for what people do.
   */
  kind?: "referral" | "partner" | "loyalty";
  /** What people call it. */
  name: string;
  /**
   * `true`: it decides on the same events as live programs, and its rewards go nowhere. A key that was published in
   * test mode stays in it; go live under another key.
   */
  test?: boolean;
  /**
   * Of a program in test mode: the live program whose codes, links and submissions it takes for its own. Left out:
   * every live program's.
   */
  beside?: string | null;
  /** For staff. */
  description?: string | null;
  /** ISO 4217; amounts are in its minor units. */
  currency: string;
  /** Units of its own, such as points. */
  units?: Array<string>;
  /**
   * Types of events of your own that are spelt nearly like a standard one. Others of your own need no word; without
   * one, a near spelling is taken for a slip.
   */
  own_events?: Array<string>;
  /** Of several programs that an event concerns, the higher decides first; alike: by key. */
  priority?: number;
  /**
   * `true`: where this program gives something for an event, those that decide after it give nothing for it. A
   * name: only those with the same name.
   */
  exclusive?: boolean | string;
  /** IANA name; days, periods and campaigns are its. */
  timezone?: string;
  /** ISO 3166 country of business days. */
  calendar?: string | null;
  /** What is counted of people within a time, for conditions and amounts to read. */
  history?: Array<ProgramHistoryCount>;
  /** Comparisons in which each person is in one variant, for conditions and amounts to read. */
  experiments?: Array<ProgramExperiment>;
  /** Who may refer and be referred. */
  eligibility?: ProgramEligibility;
  /** Which evidence counts. */
  attribution?: ProgramAttribution;
  /** Where the links of its participants lead. */
  links?: ProgramLinks;
  /** How a referral moves. A referral program needs it; a loyalty program has none. */
  lifecycle?: ProgramLifecycle;
  /** Of a `partner` program with a `sales` flow: only registered deals pay. */
  registration?: ProgramRegistration | null;
  /** Of a `partner` program: statements and the minimum payout. */
  statement?: ProgramStatement | null;
  /** Levels of people. */
  tiers?: Array<ProgramTier>;
  /** Who gets what, for what. Empty only beside goals or contests. */
  rewards?: Array<ProgramRule>;
  /** Caps and budgets; each must leave room, in this order. */
  limits?: Array<ProgramLimit>;
  /** Which rewards exclude each other. */
  stacking?: Array<ProgramStack>;
  /** Time-boxed modifiers, in this order. */
  campaigns?: Array<ProgramCampaign>;
  /**
   * Where several campaigns change one reward. `all`: one after the other. `best`: the one that gives most.
   * `first`: the first that applies.
   */
  overlap?: "all" | "best" | "first";
  /** What points buy, in a loyalty program. */
  catalogue?: Array<ProgramCatalogueItem>;
  /** Targets that groups reach together. */
  goals?: Array<ProgramGoal>;
  /** Ranked competitions with prizes. */
  contests?: Array<ProgramContest>;
  /**
   * When the program is ended: `settle`: open referrals may finish and be rewarded. `void`: they are voided and
   * held rewards cancelled; what is approved stays. Nothing new begins either way.
   */
  ending?: "settle" | "void";
  /** The legal text. */
  terms?: ProgramTerms | null;
  /**
   * Whether the version after this one must be a draft that somebody else approved; a direct publish is then
   * refused.
   */
  review?: boolean;
}

/** Rules of one trigger of which one decision keeps one reward, or all. The others are traced as `stacked_out`. */
export interface ProgramStack {
  /** The rules, each in one stack only. */
  rules: Array<string>;
  /**
   * `better`: the largest amount that the limits let through. `first`: the first in the document that pays. `all`:
   * every one. One that is waitlisted is kept too.
   */
  keep: "better" | "first" | "all";
}

/**
 * Partners get a statement at the end of each period, in the program's time zone: what their balance was, what was
 * approved, taken back and paid out since, what it is now, and what of it is payable.
 */
export interface ProgramStatement {
  /** The calendar period of a statement. */
  every: "month" | "quarter";
  /**
   * The least balance that is paid out, in minor units of `currency`; a smaller one is carried over to the next
   * statement.
   */
  minimum?: number;
}

/** The event that moves a referral into a state, and a condition on it. */
export interface ProgramStep {
  /** The type of the event. */
  on: string;
  /** Must hold too. */
  when?: string | null;
}

/** The legal text of a version. It is kept with the version as it is, and what participants accept is its number. */
export interface ProgramTerms {
  /** The text's own number. A text that was published keeps its number for good. */
  version?: number | null;
  /** The text itself, in plain words or Markdown. */
  text?: string | null;
  /** Where it stands. */
  url?: string | null;
  /** Shown beside rewards. */
  tax_note?: string | null;
  /**
   * Whether a participant must have accepted the terms (the event `terms.accepted`) before anything new begins for
   * them: a referral they make, or, in a loyalty program, a reward they earn.
   */
  required?: boolean;
  /** The earliest terms whose acceptance is still good enough; these very ones if left out. */
  since?: number | null;
}

/**
 * A level that a person reaches by a count: of their referrals in this program, or, in a loyalty program, of what
 * they earned or ordered. List them from low to high.
 */
export interface ProgramTier {
  /** Its name in `by_tier`. */
  id: string;
  /** Reached at this count, the present referral or order included. */
  from: number;
  /**
   * What is counted: referrals that reached this state, or `revenue`, what those that were won are worth less
   * refunds, in minor units of the program's currency; in a loyalty program `points` earned, or `revenue`, the
   * value of completed orders less refunds.
   */
  metric: "submitted_referrals" | "qualified_referrals" | "closed_won_referrals" | "points" | "revenue";
  /** Only referrals this recent count. Not in a loyalty program. */
  window?: string | null;
  /** Counted anew in each calendar period. Either this or `window`; neither: for ever. */
  every?: "month" | "quarter" | "year" | null;
  /**
   * When the count is no longer reached. `to_balance`: lost at once. `keep_until_period_end`: kept for one further
   * period, or window. `one_down`: with each further one the person falls by one tier at most.
   */
  downgrade?: "to_balance" | "keep_until_period_end" | "one_down";
  /** A tier that must be held too. */
  after?: string | null;
  /** What else the tier opens, by name. */
  perks?: Array<string>;
}

/** One side of an experiment. */
export interface ProgramVariant {
  /** Its name in conditions. */
  id: string;
  /** So many of the sum of all weights are in it. */
  weight: number;
}

/** One immutable published revision, without its document. */
export interface ProgramVersion {
  id: string;
  program: string;
  number: number;
  live: boolean;
  /** When it is to go live, where that is later. */
  due_at: string | null;
  /** SHA-256 of the document in canonical JSON. */
  digest: string;
  published_at: string;
  published_by: string;
  /** The legal text that holds for what begins under it. */
  terms: Terms | null;
}

/** A page of versions, newest first. */
export interface ProgramVersionList {
  data: Array<ProgramVersion>;
  /** Give it as `cursor` for the next page; null on the last. */
  next_cursor: string | null;
}

/** How far it is. */
export interface Progress {
  /** Steps done: events of the log, or runs of a simulation. */
  done: number;
  /** Of how many; 0 until that is known. */
  total: number;
  /** From 0 to 1. */
  share: number;
}

/** What became of the events that were sent. All of them are safe in the log. */
export interface Recorded {
  /** Ids of the events that are new. */
  inserted: Array<string>;
  /** Ids of the events that were there before: same source and event_id. Nothing changed. */
  duplicates: Array<string>;
  /** With `wait=true`: the events with their decisions, inserted ones first. Else null. */
  events: Array<Event> | null;
  /** What was recorded as it was sent, and may be a slip; each type of event once. */
  warnings: Array<Warned>;
}

/** One referrer, one referred, one program, under the version that was live when it began. */
export interface Referral {
  id: string;
  /** The sender's own id of it. */
  external_id: string | null;
  /** The program's key. */
  program: string;
  /** The version of the program whose terms it keeps. */
  version: number;
  state: "submitted" | "qualified" | "opportunity" | "closed_won" | "closed_lost" | "disqualified" | "nurture" | "expired" | "duplicate" | "voided";
  /** Why it ended, where it did; else empty. */
  reason: string;
  referrer: PersonRef;
  referred: PersonRef;
  /** The kind of touch that began it. */
  source: string;
  /** The deal, in minor units of `currency`. */
  value: number | null;
  currency: string;
  properties: Record<string, unknown>;
  /** True when it was made up, as in the demo. */
  simulated: boolean;
  /** True where its program runs in test mode: it counts for nothing. */
  test: boolean;
  submitted_at: string;
  qualified_at: string | null;
  opportunity_at: string | null;
  closed_at: string | null;
  expires_at: string | null;
  updated_at: string;
}

/** An act upon a referral. */
export interface ReferralAct {
  /** The event that it is. */
  event: string;
  /** True: it was there before, and nothing changed. */
  duplicate: boolean;
  /** False: it is safe in the log, and the engine comes to it. */
  applied: boolean;
  decisions: Array<Decision>;
  /** As it is now; null where none came of it. */
  referral: Referral | null;
}

/** A participant claims that they brought somebody, with proof. It waits until staff approve or reject it. */
export interface ReferralClaimedEvent {
  type: "referral.claimed";
  /** Your own id of the fact. Sent again, it changes nothing. */
  event_id: string;
  /** Which of your systems says so; event ids are unique within a source. */
  source?: string;
  /** When it happened (RFC 3339), from 1970 to a day from now; now, when left out. */
  occurred_at?: string;
  participant: SentParticipant;
  account?: SentAccount;
  /** A participant claims that they brought somebody, with proof. It waits until staff approve or reject it. */
  properties: {
    /** True marks a made-up fact; shown wherever it leads. */
    simulated?: boolean | null;
    /** The program's key. */
    program: string;
    /** Whom they brought. */
    referred: ClaimedPerson;
    /** What shows it, in words. */
    proof?: string | null;
    /** Where it can be seen (http or https). */
    url?: string | null;
    /** A number or name by which it can be found, such as an order's. */
    reference?: string | null;
    /** When they told the person (RFC 3339); the event's moment, if left out. */
    at?: string | null;
    [key: string]: unknown;
  };
}

/** Sales moved a referral along, or ended it. */
export interface ReferralClosedLostEvent {
  type: "referral.closed_lost";
  /** Your own id of the fact. Sent again, it changes nothing. */
  event_id: string;
  /** Which of your systems says so; event ids are unique within a source. */
  source?: string;
  /** When it happened (RFC 3339), from 1970 to a day from now; now, when left out. */
  occurred_at?: string;
  participant?: SentParticipant;
  account?: SentAccount;
  /** Sales moved a referral along, or ended it. */
  properties: {
    /** True marks a made-up fact; shown wherever it leads. */
    simulated?: boolean | null;
    /** The referral's id (ref_…) or the sender's own id of it. */
    referral: string;
    /** The deal, in minor units of `currency`. */
    value?: number | null;
    currency?: Currency | null;
    /** Why, as a code of your own. */
    reason?: string | null;
    [key: string]: unknown;
  };
}

/** Sales moved a referral along, or ended it. */
export interface ReferralClosedWonEvent {
  type: "referral.closed_won";
  /** Your own id of the fact. Sent again, it changes nothing. */
  event_id: string;
  /** Which of your systems says so; event ids are unique within a source. */
  source?: string;
  /** When it happened (RFC 3339), from 1970 to a day from now; now, when left out. */
  occurred_at?: string;
  participant?: SentParticipant;
  account?: SentAccount;
  /** Sales moved a referral along, or ended it. */
  properties: {
    /** True marks a made-up fact; shown wherever it leads. */
    simulated?: boolean | null;
    /** The referral's id (ref_…) or the sender's own id of it. */
    referral: string;
    /** The deal, in minor units of `currency`. */
    value?: number | null;
    currency?: Currency | null;
    /** Why, as a code of your own. */
    reason?: string | null;
    [key: string]: unknown;
  };
}

export interface ReferralCount {
  program: string;
  state: string;
  count: number;
  simulated: number;
}

/** Sales moved a referral along, or ended it. */
export interface ReferralDisqualifiedEvent {
  type: "referral.disqualified";
  /** Your own id of the fact. Sent again, it changes nothing. */
  event_id: string;
  /** Which of your systems says so; event ids are unique within a source. */
  source?: string;
  /** When it happened (RFC 3339), from 1970 to a day from now; now, when left out. */
  occurred_at?: string;
  participant?: SentParticipant;
  account?: SentAccount;
  /** Sales moved a referral along, or ended it. */
  properties: {
    /** True marks a made-up fact; shown wherever it leads. */
    simulated?: boolean | null;
    /** The referral's id (ref_…) or the sender's own id of it. */
    referral: string;
    /** The deal, in minor units of `currency`. */
    value?: number | null;
    currency?: Currency | null;
    /** Why, as a code of your own. */
    reason?: string | null;
    [key: string]: unknown;
  };
}

/** A page of referrals, newest first. */
export interface ReferralList {
  data: Array<Referral>;
  /** Give it as `cursor` for the next page; null on the last. */
  next_cursor: string | null;
}

/** Sales moved a referral along, or ended it. */
export interface ReferralOpportunityOpenedEvent {
  type: "referral.opportunity_opened";
  /** Your own id of the fact. Sent again, it changes nothing. */
  event_id: string;
  /** Which of your systems says so; event ids are unique within a source. */
  source?: string;
  /** When it happened (RFC 3339), from 1970 to a day from now; now, when left out. */
  occurred_at?: string;
  participant?: SentParticipant;
  account?: SentAccount;
  /** Sales moved a referral along, or ended it. */
  properties: {
    /** True marks a made-up fact; shown wherever it leads. */
    simulated?: boolean | null;
    /** The referral's id (ref_…) or the sender's own id of it. */
    referral: string;
    /** The deal, in minor units of `currency`. */
    value?: number | null;
    currency?: Currency | null;
    /** Why, as a code of your own. */
    reason?: string | null;
    [key: string]: unknown;
  };
}

/** Sales moved a referral along, or ended it. */
export interface ReferralQualifiedEvent {
  type: "referral.qualified";
  /** Your own id of the fact. Sent again, it changes nothing. */
  event_id: string;
  /** Which of your systems says so; event ids are unique within a source. */
  source?: string;
  /** When it happened (RFC 3339), from 1970 to a day from now; now, when left out. */
  occurred_at?: string;
  participant?: SentParticipant;
  account?: SentAccount;
  /** Sales moved a referral along, or ended it. */
  properties: {
    /** True marks a made-up fact; shown wherever it leads. */
    simulated?: boolean | null;
    /** The referral's id (ref_…) or the sender's own id of it. */
    referral: string;
    /** The deal, in minor units of `currency`. */
    value?: number | null;
    currency?: Currency | null;
    /** Why, as a code of your own. */
    reason?: string | null;
    [key: string]: unknown;
  };
}

/** A participant put in a good word for somebody. */
export interface ReferralSubmittedEvent {
  type: "referral.submitted";
  /** Your own id of the fact. Sent again, it changes nothing. */
  event_id: string;
  /** Which of your systems says so; event ids are unique within a source. */
  source?: string;
  /** When it happened (RFC 3339), from 1970 to a day from now; now, when left out. */
  occurred_at?: string;
  participant: SentParticipant;
  account?: SentAccount;
  /** A participant put in a good word for somebody. */
  properties: {
    /** True marks a made-up fact; shown wherever it leads. */
    simulated?: boolean | null;
    /** The sender's own id of this referral. */
    referral: string;
    /** Who is put forward. */
    referred: Person;
    /** The program's key; may be left out where one sales program is live. */
    program?: string | null;
    /** What they look for, in words. */
    need?: string | null;
    [key: string]: unknown;
  };
}

/** How many will be tried again; those that were not set aside any more are not among them. */
export interface Retried {
  retried: number;
}

export interface ReturnSide {
  /** Referrals won. */
  won: number;
  /** What they brought. */
  value: number;
  /** What rewards in the program's currency cost. */
  cost: number;
  /** (value - cost) / cost; null where nothing was spent. */
  ratio: string | null;
}

/** One promised benefit to one participant. */
export interface Reward {
  id: string;
  /** The program's key. */
  program: string;
  version: number;
  /** The rule of the program that granted it. */
  rule: string;
  participant: PersonRef;
  referral: string | null;
  /**
   * `pending` (held), `approved`, `issued`, `redeemed`; aside: `rejected`, `cancelled`, `expired`, `reversed`,
   * `failed`.
   */
  state: string;
  /** Why it is aside, where it is; else empty. */
  reason: string;
  /** The gift as the rule words it. */
  gift: Record<string, unknown>;
  /** In minor units for a currency. */
  amount: number | null;
  /** ISO 4217, or a unit of the program; empty without an amount. */
  unit: string;
  /** The part that was taken back. */
  reversed: number;
  /** The part that paid what its receiver owed; what is handed over is less by it. */
  netted: number;
  /** The role that must approve; else empty. */
  needs_approval: string;
  simulated: boolean;
  /** True where its program runs in test mode: it is owed to nobody. */
  test: boolean;
  hold_until: string | null;
  granted_at: string;
  approved_at: string | null;
  issued_at: string | null;
  ended_at: string | null;
  expires_at: string | null;
  /** The promise: told by then. */
  notify_by: string | null;
  /** The promise: given by then. */
  fulfil_by: string | null;
  /** Of an imported one, its id in the other system. */
  source_id: string | null;
  /** Of an imported one, its state there. */
  source_state: string | null;
  updated_at: string;
}

/** An act upon a reward. */
export interface RewardAct {
  /** The event that it is. */
  event: string;
  /** True: it was there before, and nothing changed. */
  duplicate: boolean;
  /** False: it is safe in the log, and the engine comes to it. */
  applied: boolean;
  decisions: Array<Decision>;
  /** As it is now. */
  reward: Reward | null;
}

/** A person or a provider moved a reward along, or ended it. Name it by id, or by referral and rule. */
export interface RewardApprovedEvent {
  type: "reward.approved";
  /** Your own id of the fact. Sent again, it changes nothing. */
  event_id: string;
  /** Which of your systems says so; event ids are unique within a source. */
  source?: string;
  /** When it happened (RFC 3339), from 1970 to a day from now; now, when left out. */
  occurred_at?: string;
  participant?: SentParticipant;
  account?: SentAccount;
  /** A person or a provider moved a reward along, or ended it. Name it by id, or by referral and rule. */
  properties: {
    /** True marks a made-up fact; shown wherever it leads. */
    simulated?: boolean | null;
    /** The reward's id (rwd_…). */
    reward?: string | null;
    /** Or the referral's id, with `rule`. */
    referral?: string | null;
    /** The id of the rule that gave it. */
    rule?: string | null;
    /** Who decided, as the sender says; it is kept and not looked up. */
    by?: string | null;
    /** Why, as a code of your own. */
    reason?: string | null;
    [key: string]: unknown;
  };
}

export interface RewardCount {
  program: string;
  rule: string;
  state: string;
  count: number;
  simulated: number;
  unit: string;
  amount: number | null;
  reversed: number;
}

/** A person or a provider moved a reward along, or ended it. Name it by id, or by referral and rule. */
export interface RewardFailedEvent {
  type: "reward.failed";
  /** Your own id of the fact. Sent again, it changes nothing. */
  event_id: string;
  /** Which of your systems says so; event ids are unique within a source. */
  source?: string;
  /** When it happened (RFC 3339), from 1970 to a day from now; now, when left out. */
  occurred_at?: string;
  participant?: SentParticipant;
  account?: SentAccount;
  /** A person or a provider moved a reward along, or ended it. Name it by id, or by referral and rule. */
  properties: {
    /** True marks a made-up fact; shown wherever it leads. */
    simulated?: boolean | null;
    /** The reward's id (rwd_…). */
    reward?: string | null;
    /** Or the referral's id, with `rule`. */
    referral?: string | null;
    /** The id of the rule that gave it. */
    rule?: string | null;
    /** Who decided, as the sender says; it is kept and not looked up. */
    by?: string | null;
    /** Why, as a code of your own. */
    reason?: string | null;
    [key: string]: unknown;
  };
}

/** A person or a provider moved a reward along, or ended it. Name it by id, or by referral and rule. */
export interface RewardIssuedEvent {
  type: "reward.issued";
  /** Your own id of the fact. Sent again, it changes nothing. */
  event_id: string;
  /** Which of your systems says so; event ids are unique within a source. */
  source?: string;
  /** When it happened (RFC 3339), from 1970 to a day from now; now, when left out. */
  occurred_at?: string;
  participant?: SentParticipant;
  account?: SentAccount;
  /** A person or a provider moved a reward along, or ended it. Name it by id, or by referral and rule. */
  properties: {
    /** True marks a made-up fact; shown wherever it leads. */
    simulated?: boolean | null;
    /** The reward's id (rwd_…). */
    reward?: string | null;
    /** Or the referral's id, with `rule`. */
    referral?: string | null;
    /** The id of the rule that gave it. */
    rule?: string | null;
    /** Who decided, as the sender says; it is kept and not looked up. */
    by?: string | null;
    /** Why, as a code of your own. */
    reason?: string | null;
    [key: string]: unknown;
  };
}

/** A page of rewards, newest first. */
export interface RewardList {
  data: Array<Reward>;
  /** Give it as `cursor` for the next page; null on the last. */
  next_cursor: string | null;
}

/** A person or a provider moved a reward along, or ended it. Name it by id, or by referral and rule. */
export interface RewardRedeemedEvent {
  type: "reward.redeemed";
  /** Your own id of the fact. Sent again, it changes nothing. */
  event_id: string;
  /** Which of your systems says so; event ids are unique within a source. */
  source?: string;
  /** When it happened (RFC 3339), from 1970 to a day from now; now, when left out. */
  occurred_at?: string;
  participant?: SentParticipant;
  account?: SentAccount;
  /** A person or a provider moved a reward along, or ended it. Name it by id, or by referral and rule. */
  properties: {
    /** True marks a made-up fact; shown wherever it leads. */
    simulated?: boolean | null;
    /** The reward's id (rwd_…). */
    reward?: string | null;
    /** Or the referral's id, with `rule`. */
    referral?: string | null;
    /** The id of the rule that gave it. */
    rule?: string | null;
    /** Who decided, as the sender says; it is kept and not looked up. */
    by?: string | null;
    /** Why, as a code of your own. */
    reason?: string | null;
    [key: string]: unknown;
  };
}

/** A person or a provider moved a reward along, or ended it. Name it by id, or by referral and rule. */
export interface RewardRejectedEvent {
  type: "reward.rejected";
  /** Your own id of the fact. Sent again, it changes nothing. */
  event_id: string;
  /** Which of your systems says so; event ids are unique within a source. */
  source?: string;
  /** When it happened (RFC 3339), from 1970 to a day from now; now, when left out. */
  occurred_at?: string;
  participant?: SentParticipant;
  account?: SentAccount;
  /** A person or a provider moved a reward along, or ended it. Name it by id, or by referral and rule. */
  properties: {
    /** True marks a made-up fact; shown wherever it leads. */
    simulated?: boolean | null;
    /** The reward's id (rwd_…). */
    reward?: string | null;
    /** Or the referral's id, with `rule`. */
    referral?: string | null;
    /** The id of the rule that gave it. */
    rule?: string | null;
    /** Who decided, as the sender says; it is kept and not looked up. */
    by?: string | null;
    /** Why, as a code of your own. */
    reason?: string | null;
    [key: string]: unknown;
  };
}

/** A campaign, contest or goal that runs, as a participant may see it. */
export interface Running {
  kind: "campaign" | "contest" | "goal";
  /** The program's key. */
  program: string;
  id: string;
  name: string;
  starts_at: string | null;
  /** The first moment after it. */
  ends_at: string | null;
  /** `review`: the contest is over, and not final yet. `reached`: the goal is. */
  state: "running" | "review" | "final" | "disqualified" | "reached";
  /** For the participant. */
  text: string;
  /** The program's, in which its days begin. */
  timezone: string;
  /** Of a contest: the participant's place. */
  place: number | null;
  /** Of a contest: their score. Of a goal: what the group has. */
  score: number | null;
  /** Of a goal. */
  target: number | null;
  /** Where `score` and `target` are sums: the currency whose minor units they are; else empty. */
  unit: string;
}

/** What runs for a participant at a moment. */
export interface RunningList {
  at: string | null;
  data: Array<Running>;
}

/** The company or subscription: its id alone, or an object with it. Everything else in it is kept as a trait. */
export type SentAccount = string | {
  external_id: string;
};

/** What to try, on which stretch of the past, and what to compare it with. */
export interface SentBacktest {
  /** The program, as an object or as YAML text. */
  document: ProgramSource | string;
  /** Count only what happened from then on. */
  since?: string;
  /** Leave out what happened from then on. */
  until?: string;
  /** Compare with what this version of the program would have done, not with what happened. */
  as_of_version?: number;
  /**
   * Percent more won referrals for each percent that a reward is worth more. Left out, behaviour is taken to be
   * unchanged.
   */
  elasticity?: number;
}

export interface SentBatch {
  /** All are recorded, or none. */
  events: Array<SentEvent>;
}

/** What to look for beside the names, e-mails, ids and codes that the workspace knows. */
export interface SentErasure {
  /** Further texts that name the person, such as a nickname in a note. */
  also?: Array<string>;
}

/** An event of a known type, or of a type of your own (`CustomEvent`). */
export type SentEvent = ParticipantIdentifiedEvent | ParticipantSignedUpEvent | OrderCompletedEvent | OrderRefundedEvent | SubscriptionStartedEvent | SubscriptionRenewedEvent | SubscriptionUpgradedEvent | SubscriptionCancelledEvent | InvoicePaidEvent | MilestoneReachedEvent | LinkCreatedEvent | ReferralSubmittedEvent | ReferralClaimedEvent | CatalogueRedeemedEvent | TermsAcceptedEvent | ContestDisqualifiedEvent | ContestReinstatedEvent | ParticipantSplitEvent | LinkUpdatedEvent | VisitorTouchedEvent | ClaimApprovedEvent | ClaimRejectedEvent | FxRatePublishedEvent | AccountUpdatedEvent | ReferralQualifiedEvent | ReferralOpportunityOpenedEvent | ReferralClosedWonEvent | ReferralClosedLostEvent | ReferralDisqualifiedEvent | RewardApprovedEvent | RewardRejectedEvent | RewardIssuedEvent | RewardRedeemedEvent | RewardFailedEvent | CustomEvent;

/** What to import, and as which mapping says. */
export interface SentImport {
  /** The name of a ready one, or one of your own, as an object or as YAML text. */
  mapping: string | Record<string, unknown>;
  /** The program's key. */
  program: string;
  /** The rule that rewards stand for. */
  rule?: string;
  /** Write nothing but the report. */
  dry_run?: boolean;
  files: Array<{
    name: string;
    /** What the files hold, where their columns do not tell: participants, links, …, or a name of the mapping. */
    kind?: string;
    /** The whole file, as text. */
    content: string;
  }>;
}

/**
 * Who it is about: the host product's id alone, or an object with an id, an e-mail address or both. Everything else
 * in it is kept as a trait of the person.
 */
export type SentParticipant = string | {
  external_id?: string;
  email?: string;
  name?: string;
};

/** What to play, on how many people, for how long, how often. */
export interface SentSimulation {
  /** The program, as an object or as YAML text. */
  document: ProgramSource | string;
  /** A second program, played on the same people. */
  other?: ProgramSource | string;
  /** Who join. */
  customers?: number;
  months?: number;
  /** How often, for the intervals. */
  runs?: number;
  /** The same seed, the same people. */
  seed?: number;
  /** The first day. */
  start?: string;
  /** Other values of parameters of the model, by name. */
  parameters?: Record<string, number>;
}

/** What is said with a step of a draft. */
export interface SentStep {
  /** Kept in the record. */
  comment?: string;
  /** SHA-256 of the text you looked at; refused where it has changed since. */
  digest?: string;
}

/** One change of the workspace's settings. */
export interface SettingChange {
  id: string;
  at: string;
  /** Who: a member's address, `key` and its name, or who was at the command line. */
  by: string;
  /** Through which door it came. */
  door: "console" | "api" | "cli";
  changes: Array<SettingChanged>;
}

export interface SettingChangeList {
  data: Array<SettingChange>;
  /** Give it as `cursor` for the next page; null on the last. */
  next_cursor: string | null;
}

/** One setting that changed. */
export interface SettingChanged {
  /** `name`, `short_domain`, or one of `clicks`. */
  setting: string;
  /** What it was. */
  before: string | number | null;
  /** What it became. */
  after: string | number | null;
}

/** One of the two sides of a line. */
export interface Side {
  rewards: number;
  amount: number;
}

export interface SimulatedFigure {
  mean: number | null;
  p10: number | null;
  p50: number | null;
  p90: number | null;
  runs_without: number;
  /** `minor` are minor units of the program's currency. */
  unit: string;
}

/** How things stand at a month's end, since the beginning. */
export interface SimulatedMonth {
  month: number;
  /** Left out for a loyalty program. */
  new_customers: Interval | null;
  cost: Interval;
  liability: Interval;
  /** Where there are points: those outstanding. */
  points_left: Interval | null;
}

/** What to know before the figures. `about` is what the message names. */
export interface SimulatedNote {
  code: string;
  message: string;
  about: Record<string, string>;
}

/** One program on people that a model made up. */
export interface SimulatedProgram {
  simulated: true;
  name: string;
  program: string;
  kind: string;
  currency: string;
  offer: Offer;
  notes: Array<SimulatedNote>;
  /** Those that mean something for a program of its kind. */
  figures: Record<string, SimulatedFigure>;
  months: Array<SimulatedMonth>;
}

/** A program, or two, played forward on people that a published model makes up. */
export interface Simulation {
  id: string;
  state: "waiting" | "running" | "done" | "failed" | "cancelled";
  /** The key that the document names. */
  program: string;
  asked_by: string;
  asked_at: string;
  started_at: string | null;
  ended_at: string | null;
  progress: Progress;
  failure: Failure | null;
  simulated: true;
  question: SimulationQuestion;
}

/** A simulation with its documents, and its result once it is `done`. */
export interface SimulationAnswer {
  id: string;
  state: "waiting" | "running" | "done" | "failed" | "cancelled";
  /** The key that the document names. */
  program: string;
  asked_by: string;
  asked_at: string;
  started_at: string | null;
  ended_at: string | null;
  progress: Progress;
  failure: Failure | null;
  simulated: true;
  question: SimulationQuestion;
  documents: Array<Record<string, unknown>>;
  result: SimulationResult | null;
}

/** One page of simulations. */
export interface SimulationList {
  data: Array<Simulation>;
  /** Give it as `cursor` for the next page; null on the last. */
  next_cursor: string | null;
}

/** What was asked beside the documents. `parameters` are those that were changed. */
export interface SimulationQuestion {
  customers: number;
  months: number;
  runs: number;
  seed: number;
  start: string;
  parameters: Record<string, number>;
}

/** Nothing of it is measured. `difference` is the second program less the first, on the same people. */
export interface SimulationResult {
  simulated: true;
  parameters: Record<string, number>;
  programs: Array<SimulatedProgram>;
  difference: Record<string, SimulatedFigure> | null;
}

/** A partner's statement of one period. Amounts are in minor units of `currency`. */
export interface Statement {
  /** The decision that closed it. */
  id: string;
  /** The partner's first is 1. */
  number: number;
  program: string;
  participant: string;
  external_id: string | null;
  period: string;
  begins_at: string;
  /** The first moment after it. */
  ends_at: string;
  /** The program's, in which the period begins and ends at midnight. */
  timezone: string;
  currency: string;
  /** `closing` of the one before. */
  opening: number;
  /** Commissions that were approved. */
  approved: Movement;
  /** What was taken back before it was issued, by refunds or otherwise. */
  reversed: Movement;
  /** What paid a debt. */
  netted: Movement;
  /** What was issued. */
  paid: Movement;
  /** What a merge with another participant, or its end, brought or took. */
  moved: Movement;
  /** What was taken back after it was issued: a debt, which moves no balance. */
  owed: Movement;
  /** `opening` and `approved` and `moved`, less `reversed`, `netted` and `paid`. */
  closing: number;
  /** The least balance that was payable then. */
  minimum: number;
  /** What of `closing` became payable: all of it, or nothing. */
  payable: number;
  /** What of `closing` was carried over. */
  carried: number;
  /** What the partner owed then; later rewards of any program pay it first. */
  debt: number;
  /** What of it is still to be paid. 0 where a later one exists. */
  payable_now: number;
  state: "payable" | "carried";
}

/** One movement on a statement. */
export interface StatementLine {
  /** When it took effect. */
  at: string;
  /** `owed` leaves the balance as it is. */
  kind: "approved" | "reversed" | "netted" | "paid" | "moved" | "owed";
  /** The code of the transfer in the ledger. */
  code: string;
  /** What it added to the balance; below zero, took from it. Of `owed`: the debt. */
  amount: number;
  rule: string;
  reward: string;
  referral: string | null;
  event: string;
}

/** A page of statements, newest first. */
export interface StatementList {
  data: Array<Statement>;
  /** Give it as `cursor` for the next page; null on the last. */
  next_cursor: string | null;
}

/** A statement with its movements. */
export interface StatementWhole {
  /** The decision that closed it. */
  id: string;
  /** The partner's first is 1. */
  number: number;
  program: string;
  participant: string;
  external_id: string | null;
  period: string;
  begins_at: string;
  /** The first moment after it. */
  ends_at: string;
  /** The program's, in which the period begins and ends at midnight. */
  timezone: string;
  currency: string;
  /** `closing` of the one before. */
  opening: number;
  /** Commissions that were approved. */
  approved: Movement;
  /** What was taken back before it was issued, by refunds or otherwise. */
  reversed: Movement;
  /** What paid a debt. */
  netted: Movement;
  /** What was issued. */
  paid: Movement;
  /** What a merge with another participant, or its end, brought or took. */
  moved: Movement;
  /** What was taken back after it was issued: a debt, which moves no balance. */
  owed: Movement;
  /** `opening` and `approved` and `moved`, less `reversed`, `netted` and `paid`. */
  closing: number;
  /** The least balance that was payable then. */
  minimum: number;
  /** What of `closing` became payable: all of it, or nothing. */
  payable: number;
  /** What of `closing` was carried over. */
  carried: number;
  /** What the partner owed then; later rewards of any program pay it first. */
  debt: number;
  /** What of it is still to be paid. 0 where a later one exists. */
  payable_now: number;
  state: "payable" | "carried";
  lines: Array<StatementLine>;
}

/** Who paused or ended a program, when and why. */
export interface Stopped {
  at: string;
  /** A member of the workspace, or the name of the key. */
  by: string;
  /** Why, in words; empty where nothing was said. */
  reason: string;
  /** Of an end: whether open referrals may finish (`settle`), or were voided. Null for a pause. */
  ending: "settle" | "void" | null;
}

/** A subscription began, went on, grew or ended. */
export interface SubscriptionCancelledEvent {
  type: "subscription.cancelled";
  /** Your own id of the fact. Sent again, it changes nothing. */
  event_id: string;
  /** Which of your systems says so; event ids are unique within a source. */
  source?: string;
  /** When it happened (RFC 3339), from 1970 to a day from now; now, when left out. */
  occurred_at?: string;
  participant: SentParticipant;
  account?: SentAccount;
  /** A subscription began, went on, grew or ended. */
  properties?: {
    /** True marks a made-up fact; shown wherever it leads. */
    simulated?: boolean | null;
    /** The first day of the billing period. */
    period_from?: string | null;
    /** The day after its last one. */
    period_to?: string | null;
    /** The first day that is paid for, where that is not the period's. */
    covers_from?: string | null;
    /** The day after the last one that is paid for. */
    covers_to?: string | null;
    /** The host's own id. */
    subscription_id?: string | null;
    /** The plan, as the host names it. */
    plan?: string | null;
    /** Minor units of `currency`. */
    value?: number | null;
    currency?: Currency | null;
    [key: string]: unknown;
  };
}

/** A subscription began, went on, grew or ended. */
export interface SubscriptionRenewedEvent {
  type: "subscription.renewed";
  /** Your own id of the fact. Sent again, it changes nothing. */
  event_id: string;
  /** Which of your systems says so; event ids are unique within a source. */
  source?: string;
  /** When it happened (RFC 3339), from 1970 to a day from now; now, when left out. */
  occurred_at?: string;
  participant: SentParticipant;
  account?: SentAccount;
  /** A subscription began, went on, grew or ended. */
  properties?: {
    /** True marks a made-up fact; shown wherever it leads. */
    simulated?: boolean | null;
    /** The first day of the billing period. */
    period_from?: string | null;
    /** The day after its last one. */
    period_to?: string | null;
    /** The first day that is paid for, where that is not the period's. */
    covers_from?: string | null;
    /** The day after the last one that is paid for. */
    covers_to?: string | null;
    /** The host's own id. */
    subscription_id?: string | null;
    /** The plan, as the host names it. */
    plan?: string | null;
    /** Minor units of `currency`. */
    value?: number | null;
    currency?: Currency | null;
    [key: string]: unknown;
  };
}

/** A subscription began, went on, grew or ended. */
export interface SubscriptionStartedEvent {
  type: "subscription.started";
  /** Your own id of the fact. Sent again, it changes nothing. */
  event_id: string;
  /** Which of your systems says so; event ids are unique within a source. */
  source?: string;
  /** When it happened (RFC 3339), from 1970 to a day from now; now, when left out. */
  occurred_at?: string;
  participant: SentParticipant;
  account?: SentAccount;
  /** A subscription began, went on, grew or ended. */
  properties?: {
    /** True marks a made-up fact; shown wherever it leads. */
    simulated?: boolean | null;
    /** The first day of the billing period. */
    period_from?: string | null;
    /** The day after its last one. */
    period_to?: string | null;
    /** The first day that is paid for, where that is not the period's. */
    covers_from?: string | null;
    /** The day after the last one that is paid for. */
    covers_to?: string | null;
    /** The host's own id. */
    subscription_id?: string | null;
    /** The plan, as the host names it. */
    plan?: string | null;
    /** Minor units of `currency`. */
    value?: number | null;
    currency?: Currency | null;
    [key: string]: unknown;
  };
}

/** A subscription began, went on, grew or ended. */
export interface SubscriptionUpgradedEvent {
  type: "subscription.upgraded";
  /** Your own id of the fact. Sent again, it changes nothing. */
  event_id: string;
  /** Which of your systems says so; event ids are unique within a source. */
  source?: string;
  /** When it happened (RFC 3339), from 1970 to a day from now; now, when left out. */
  occurred_at?: string;
  participant: SentParticipant;
  account?: SentAccount;
  /** A subscription began, went on, grew or ended. */
  properties?: {
    /** True marks a made-up fact; shown wherever it leads. */
    simulated?: boolean | null;
    /** The first day of the billing period. */
    period_from?: string | null;
    /** The day after its last one. */
    period_to?: string | null;
    /** The first day that is paid for, where that is not the period's. */
    covers_from?: string | null;
    /** The day after the last one that is paid for. */
    covers_to?: string | null;
    /** The host's own id. */
    subscription_id?: string | null;
    /** The plan, as the host names it. */
    plan?: string | null;
    /** Minor units of `currency`. */
    value?: number | null;
    currency?: Currency | null;
    [key: string]: unknown;
  };
}

/** The workspace in numbers. */
export interface Summary {
  participants: number;
  events_applied: number;
  events_waiting: number;
  /** Events and timers that made the engine fail: see `GET /v1/aside`. */
  set_aside: number;
  referrals: Array<ReferralCount>;
  rewards: Array<RewardCount>;
  /** What programs in test mode would have given; all else is of live ones. */
  tested: Array<RewardCount>;
  decisions: Array<DecisionCount>;
  trial_balance: TrialBalance;
}

/** Debits and credits, held (pending) and posted, in `unit`. */
export interface Sums {
  debits_pending: number;
  debits_posted: number;
  credits_pending: number;
  credits_posted: number;
}

/** What became of the calls. */
export interface Taken {
  /** True, as Segment's libraries expect. */
  success: true;
  /** Ids of the events that are new. */
  inserted: Array<string>;
  /** Ids of the events that were there before. */
  duplicates: Array<string>;
  /** Calls about a visitor whom nobody knows, which do not tell who brought them: nothing to record. */
  left_out: Array<Noted>;
  /**
   * What is wrong with calls of a batch that were refused. Where they name somebody, each is kept as an event
   * `segment.refused` about them.
   */
  refused: Array<Noted>;
}

/** The legal text of a version. */
export interface Terms {
  /** The number by which it is accepted. */
  version: number | null;
  text: string | null;
  url: string | null;
  tax_note: string | null;
  /** Whether nothing new begins for who has not accepted it. */
  required: boolean;
  /** The earliest terms whose acceptance is good enough; null: only these. */
  since: number | null;
}

/** A participant accepted the terms of a program. Somebody may record it for them, with `by`. */
export interface TermsAcceptedEvent {
  type: "terms.accepted";
  /** Your own id of the fact. Sent again, it changes nothing. */
  event_id: string;
  /** Which of your systems says so; event ids are unique within a source. */
  source?: string;
  /** When it happened (RFC 3339), from 1970 to a day from now; now, when left out. */
  occurred_at?: string;
  participant: SentParticipant;
  account?: SentAccount;
  /** A participant accepted the terms of a program. Somebody may record it for them, with `by`. */
  properties: {
    /** True marks a made-up fact; shown wherever it leads. */
    simulated?: boolean | null;
    /** The program's key. */
    program: string;
    /** The number of the text they accepted: `terms.version` of the document. */
    terms: number;
    /** Who recorded it, where they did not themselves. */
    by?: string | null;
    /** How it was obtained then, such as `by phone` or `signed on paper`. */
    how?: string | null;
    [key: string]: unknown;
  };
}

/** One piece of evidence of who brought a person. */
export interface Touched {
  /** What it was. */
  kind: "code" | "coupon" | "link" | "invitation" | "crm";
  /** The code of the referrer's link. */
  code: string;
  /** When (RFC 3339); the event's moment, when left out. */
  at?: string | null;
  /** The click, clk_…. */
  click?: string | null;
  /** What shows it. */
  proof?: string | null;
}

/** Every unit's debits and credits, added up from the transfers. */
export interface TrialBalance {
  /** The instant asked for; null is now. */
  at: string | null;
  balanced: boolean;
  /**
   * Accounts whose kept balance differs from the sum of their transfers: 0, unless something is badly wrong. Null
   * for a past instant.
   */
  drifting_accounts: number | null;
  units: Array<UnitTrial>;
}

/** The trial balance of one unit. */
export interface UnitTrial {
  unit: string;
  balanced: boolean;
  kinds: Array<KindSums>;
  totals: Sums;
}

/** A document that can be published as it is. */
export interface ValidProgram {
  valid: true;
  program: string;
  /** The ids of its reward rules. */
  rules: Array<string>;
}

/**
 * A visitor whom nobody knows yet came by a link or a code. It is kept under `anonymous_id`, and counts for the
 * person whom a later event names beside that id.
 */
export interface VisitorTouchedEvent {
  type: "visitor.touched";
  /** Your own id of the fact. Sent again, it changes nothing. */
  event_id: string;
  /** Which of your systems says so; event ids are unique within a source. */
  source?: string;
  /** When it happened (RFC 3339), from 1970 to a day from now; now, when left out. */
  occurred_at?: string;
  participant?: SentParticipant;
  account?: SentAccount;
  /**
   * A visitor whom nobody knows yet came by a link or a code. It is kept under `anonymous_id`, and counts for the
   * person whom a later event names beside that id.
   */
  properties: {
    /** True marks a made-up fact; shown wherever it leads. */
    simulated?: boolean | null;
    /** The link code the person came with. */
    code?: string | null;
    /** The click that the destination was told. It and the earlier visits of the same browser become touches. */
    click_id?: string | null;
    /** Other evidence of who brought the person; clicks are added to it. */
    touches?: Array<Touched> | null;
    /** Your own id of the visitor, such as the one in your cookie. */
    anonymous_id: string;
    [key: string]: unknown;
  };
}

/** Something that may not be meant. `near_miss`: a type of one's own that is spelt nearly like a standard one. */
export interface Warned {
  code: "near_miss";
  /** As it was sent. */
  type: string;
  /** The standard type that may be meant. */
  nearest: string;
  /** What was done, and what to do. */
  detail: string;
}

/** The workspace of the key that asks. */
export interface Workspace {
  id: string;
  slug: string;
  name: string;
  /** The host of its links. */
  short_domain: string | null;
  clicks: Clicks;
  /** The name of the key. */
  key: string;
  /** What the key may do; `all` is everything. */
  scopes: Array<string>;
}
