// Made by tools/make_clients.py from the API's description. Run `make docs` after a change to the API.

import type * as t from "./types.js";
import { Caller, part, type Idempotent, type Typed } from "./call.js";

/** One method for each operation; an idempotency key is made for you where you give none. */
export class Operations extends Caller {
  protected override readonly forPages = /^\/v1\/(alias|batch|codes\/[^\/]+\/check|group|identify|import|me|me\/balances|me\/claims|me\/entitlements|me\/links|me\/movements|me\/redemptions|me\/referrals|me\/rewards|me\/running|me\/statements|me\/terms|page|programs\/schema|screen|track)$/;

  /** Record one event. */
  recordEvent(body: t.SentEvent, options: { wait?: boolean } & Idempotent = {}): Promise<t.Recorded> {
    return this.json("POST", "/v1/events", options, body);
  }

  /** List events; every page of it, as you go on. */
  listEvents(
    options: { event_id?: string; source?: string; participant?: string; limit?: number; cursor?: string } = {},
  ): AsyncGenerator<t.Event, void, void> {
    return this.pages("GET", "/v1/events", options);
  }

  /** Record up to 1,000 events. */
  recordEvents(body: t.SentBatch, options: { wait?: boolean } & Idempotent = {}): Promise<t.Recorded> {
    return this.json("POST", "/v1/events/batch", options, body);
  }

  /** Get an event with its decisions. */
  getEvent(eventId: string): Promise<t.Event> {
    return this.json("GET", `/v1/events/${part(eventId)}`);
  }

  /** List what is set aside; every page of it, as you go on. */
  listAside(options: { limit?: number; cursor?: string } = {}): AsyncGenerator<t.Aside, void, void> {
    return this.pages("GET", "/v1/aside", options);
  }

  /** Have what is set aside tried again. */
  retryAside(
    body: {
  /** `evt_…` and `tmr_…`. */
  ids?: Array<string> | null;
  all?: boolean;
},
    options: Idempotent = {},
  ): Promise<t.Retried> {
    return this.json("POST", "/v1/aside/retry", options, body);
  }

  /** List participants; every page of it, as you go on. */
  listParticipants(
    options: { external_id?: string; email?: string; account?: string; limit?: number; cursor?: string } = {},
  ): AsyncGenerator<t.Participant, void, void> {
    return this.pages("GET", "/v1/participants", options);
  }

  /** Make or change a participant. */
  upsertParticipant(
    body: {
  external_id?: string | null;
  email?: string | null;
  name?: string | null;
  /** Your own id of the fact: sent again, it changes nothing. */
  event_id?: string | null;
  /** When it happened; now, when left out. */
  occurred_at?: string | null;
  /** ISO 3166-1 alpha-2. */
  country?: string | null;
  /** BCP 47, such as `nb-NO`. */
  locale?: string | null;
  /** Facts of your own that conditions may read. */
  traits?: Record<string, unknown> | null;
  /** The external id of the account they belong to. */
  account?: string | null;
},
    options: { wait?: boolean } & Idempotent = {},
  ): Promise<t.ParticipantAct> {
    return this.json("POST", "/v1/participants", options, body);
  }

  /** Get a participant. */
  getParticipant(participantId: string): Promise<t.Participant> {
    return this.json("GET", `/v1/participants/${part(participantId)}`);
  }

  /** List a participant's referrals; every page of it, as you go on. */
  listParticipantReferrals(
    participantId: string,
    options: { side?: "referrer" | "referred"; test?: boolean; limit?: number; cursor?: string } = {},
  ): AsyncGenerator<t.Referral, void, void> {
    return this.pages("GET", `/v1/participants/${part(participantId)}/referrals`, options);
  }

  /** List a participant's rewards; every page of it, as you go on. */
  listParticipantRewards(
    participantId: string,
    options: { test?: boolean; limit?: number; cursor?: string } = {},
  ): AsyncGenerator<t.Reward, void, void> {
    return this.pages("GET", `/v1/participants/${part(participantId)}/rewards`, options);
  }

  /** Get a participant's balances. */
  getParticipantBalances(participantId: string, options: { at?: string } = {}): Promise<t.Balances> {
    return this.json("GET", `/v1/participants/${part(participantId)}/balances`, options);
  }

  /** Get a participant's entitlements. */
  getParticipantEntitlements(participantId: string, options: { at?: string } = {}): Promise<t.Entitlements> {
    return this.json("GET", `/v1/participants/${part(participantId)}/entitlements`, options);
  }

  /** List the terms a participant accepted. */
  listParticipantTerms(participantId: string): Promise<t.Acceptances> {
    return this.json("GET", `/v1/participants/${part(participantId)}/terms`);
  }

  /** Get what runs for a participant. */
  getParticipantRunning(
    participantId: string,
    options: { locale?: "en" | "nb" | "da" | "ms"; at?: string } = {},
  ): Promise<t.RunningList> {
    return this.json("GET", `/v1/participants/${part(participantId)}/running`, options);
  }

  /** Merge a participant into this one. */
  mergeParticipant(
    participantId: string,
    body: {
  /** Your own id of the fact: sent again, it changes nothing. */
  event_id?: string | null;
  /** When it happened; now, when left out. */
  occurred_at?: string | null;
  /** Who is merged into the participant: their external id, or ours (par_…). */
  previous_id: string;
},
    options: { wait?: boolean } & Idempotent = {},
  ): Promise<t.ParticipantAct> {
    return this.json("POST", `/v1/participants/${part(participantId)}/merge`, options, body);
  }

  /** Take a merged participant apart again. */
  splitParticipant(
    participantId: string,
    body?: {
  /** Your own id of the fact: sent again, it changes nothing. */
  event_id?: string | null;
  /** When it happened; now, when left out. */
  occurred_at?: string | null;
},
    options: { wait?: boolean } & Idempotent = {},
  ): Promise<t.ParticipantAct> {
    return this.json("POST", `/v1/participants/${part(participantId)}/split`, options, body);
  }

  /** Erase a participant. */
  eraseParticipant(participantId: string, body: t.SentErasure, options: Idempotent = {}): Promise<t.ErasureReceipt> {
    return this.json("POST", `/v1/participants/${part(participantId)}/erase`, options, body);
  }

  /** Get the receipt of an erasure. */
  getParticipantErasure(participantId: string): Promise<t.Erasure> {
    return this.json("GET", `/v1/participants/${part(participantId)}/erasure`);
  }

  /** Export everything held about a participant. */
  exportParticipant(participantId: string): Promise<Record<string, unknown>> {
    return this.json("GET", `/v1/participants/${part(participantId)}/export`);
  }

  /** List referrals; every page of it, as you go on. */
  listReferrals(
    options: { program?: string; state?: "submitted" | "qualified" | "opportunity" | "closed_won" | "closed_lost" | "disqualified" | "nurture" | "expired" | "duplicate" | "voided"; referrer?: string; referred?: string; external_id?: string; test?: boolean; limit?: number; cursor?: string } = {},
  ): AsyncGenerator<t.Referral, void, void> {
    return this.pages("GET", "/v1/referrals", options);
  }

  /** Submit a referral. */
  submitReferral(
    body: {
  /** Your own id of the fact: sent again, it changes nothing. */
  event_id?: string | null;
  /** When it happened; now, when left out. */
  occurred_at?: string | null;
  /** Who refers: their external id, or an object. */
  referrer: string | {
    external_id?: string | null;
    email?: string | null;
    name?: string | null;
  };
  /** Who is put forward. */
  referred: {
    /** Tells whether the person is known already. */
    email: string;
    name?: string | null;
    company?: string | null;
    country?: string | null;
    industry?: string | null;
    employees?: number | null;
    is_customer?: boolean | null;
    in_pipeline?: boolean | null;
    [key: string]: unknown;
  };
  /** The program's key; may be left out where there is one. */
  program?: string | null;
  /** Your own id of the referral: sent again, it is the same one. */
  referral?: string | null;
  /** The external id of the referrer's account. */
  account?: string | null;
  /** What they look for, in words. */
  need?: string | null;
},
    options: { wait?: boolean } & Idempotent = {},
  ): Promise<t.ReferralAct> {
    return this.json("POST", "/v1/referrals", options, body);
  }

  /** Get a referral. */
  getReferral(referralId: string): Promise<t.Referral> {
    return this.json("GET", `/v1/referrals/${part(referralId)}`);
  }

  /** Qualify a referral. */
  qualifyReferral(
    referralId: string,
    body?: {
  /** Your own id of the fact: sent again, it changes nothing. */
  event_id?: string | null;
  /** When it happened; now, when left out. */
  occurred_at?: string | null;
  /** The deal, in minor units of `currency`. */
  value?: number | null;
  /** ISO 4217. */
  currency?: string | null;
  /** Why, as a code of your own. */
  reason?: string | null;
},
    options: { wait?: boolean } & Idempotent = {},
  ): Promise<t.ReferralAct> {
    return this.json("POST", `/v1/referrals/${part(referralId)}/qualify`, options, body);
  }

  /** Open the opportunity of a referral. */
  openOpportunityReferral(
    referralId: string,
    body?: {
  /** Your own id of the fact: sent again, it changes nothing. */
  event_id?: string | null;
  /** When it happened; now, when left out. */
  occurred_at?: string | null;
  /** The deal, in minor units of `currency`. */
  value?: number | null;
  /** ISO 4217. */
  currency?: string | null;
  /** Why, as a code of your own. */
  reason?: string | null;
},
    options: { wait?: boolean } & Idempotent = {},
  ): Promise<t.ReferralAct> {
    return this.json("POST", `/v1/referrals/${part(referralId)}/open-opportunity`, options, body);
  }

  /** Win a referral. */
  winReferral(
    referralId: string,
    body?: {
  /** Your own id of the fact: sent again, it changes nothing. */
  event_id?: string | null;
  /** When it happened; now, when left out. */
  occurred_at?: string | null;
  /** The deal, in minor units of `currency`. */
  value?: number | null;
  /** ISO 4217. */
  currency?: string | null;
  /** Why, as a code of your own. */
  reason?: string | null;
},
    options: { wait?: boolean } & Idempotent = {},
  ): Promise<t.ReferralAct> {
    return this.json("POST", `/v1/referrals/${part(referralId)}/win`, options, body);
  }

  /** Lose a referral. */
  loseReferral(
    referralId: string,
    body?: {
  /** Your own id of the fact: sent again, it changes nothing. */
  event_id?: string | null;
  /** When it happened; now, when left out. */
  occurred_at?: string | null;
  /** The deal, in minor units of `currency`. */
  value?: number | null;
  /** ISO 4217. */
  currency?: string | null;
  /** Why, as a code of your own. */
  reason?: string | null;
},
    options: { wait?: boolean } & Idempotent = {},
  ): Promise<t.ReferralAct> {
    return this.json("POST", `/v1/referrals/${part(referralId)}/lose`, options, body);
  }

  /** Disqualify a referral. */
  disqualifyReferral(
    referralId: string,
    body?: {
  /** Your own id of the fact: sent again, it changes nothing. */
  event_id?: string | null;
  /** When it happened; now, when left out. */
  occurred_at?: string | null;
  /** The deal, in minor units of `currency`. */
  value?: number | null;
  /** ISO 4217. */
  currency?: string | null;
  /** Why, as a code of your own. */
  reason?: string | null;
},
    options: { wait?: boolean } & Idempotent = {},
  ): Promise<t.ReferralAct> {
    return this.json("POST", `/v1/referrals/${part(referralId)}/disqualify`, options, body);
  }

  /** List rewards; every page of it, as you go on. */
  listRewards(
    options: { program?: string; rule?: string; state?: "pending" | "approved" | "issued" | "redeemed" | "rejected" | "cancelled" | "expired" | "reversed" | "failed"; participant?: string; referral?: string; test?: boolean; limit?: number; cursor?: string } = {},
  ): AsyncGenerator<t.Reward, void, void> {
    return this.pages("GET", "/v1/rewards", options);
  }

  /** Get a reward. */
  getReward(rewardId: string): Promise<t.Reward> {
    return this.json("GET", `/v1/rewards/${part(rewardId)}`);
  }

  /** Approve a reward. */
  approveReward(
    rewardId: string,
    body?: {
  /** Your own id of the fact: sent again, it changes nothing. */
  event_id?: string | null;
  /** When it happened; now, when left out. */
  occurred_at?: string | null;
  /** Who decided; the key's name, when left out. */
  by?: string | null;
  /** Why, as a code of your own. */
  reason?: string | null;
},
    options: { wait?: boolean } & Idempotent = {},
  ): Promise<t.RewardAct> {
    return this.json("POST", `/v1/rewards/${part(rewardId)}/approve`, options, body);
  }

  /** Reject a reward. */
  rejectReward(
    rewardId: string,
    body?: {
  /** Your own id of the fact: sent again, it changes nothing. */
  event_id?: string | null;
  /** When it happened; now, when left out. */
  occurred_at?: string | null;
  /** Who decided; the key's name, when left out. */
  by?: string | null;
  /** Why, as a code of your own. */
  reason?: string | null;
},
    options: { wait?: boolean } & Idempotent = {},
  ): Promise<t.RewardAct> {
    return this.json("POST", `/v1/rewards/${part(rewardId)}/reject`, options, body);
  }

  /** Say that a reward was handed over. */
  issueReward(
    rewardId: string,
    body?: {
  /** Your own id of the fact: sent again, it changes nothing. */
  event_id?: string | null;
  /** When it happened; now, when left out. */
  occurred_at?: string | null;
  /** Who decided; the key's name, when left out. */
  by?: string | null;
  /** Why, as a code of your own. */
  reason?: string | null;
},
    options: { wait?: boolean } & Idempotent = {},
  ): Promise<t.RewardAct> {
    return this.json("POST", `/v1/rewards/${part(rewardId)}/issue`, options, body);
  }

  /** Say that a reward was used. */
  redeemReward(
    rewardId: string,
    body?: {
  /** Your own id of the fact: sent again, it changes nothing. */
  event_id?: string | null;
  /** When it happened; now, when left out. */
  occurred_at?: string | null;
  /** Who decided; the key's name, when left out. */
  by?: string | null;
  /** Why, as a code of your own. */
  reason?: string | null;
},
    options: { wait?: boolean } & Idempotent = {},
  ): Promise<t.RewardAct> {
    return this.json("POST", `/v1/rewards/${part(rewardId)}/redeem`, options, body);
  }

  /** Say that a reward could not be handed over. */
  failReward(
    rewardId: string,
    body?: {
  /** Your own id of the fact: sent again, it changes nothing. */
  event_id?: string | null;
  /** When it happened; now, when left out. */
  occurred_at?: string | null;
  /** Who decided; the key's name, when left out. */
  by?: string | null;
  /** Why, as a code of your own. */
  reason?: string | null;
},
    options: { wait?: boolean } & Idempotent = {},
  ): Promise<t.RewardAct> {
    return this.json("POST", `/v1/rewards/${part(rewardId)}/fail`, options, body);
  }

  /** List accounts; every page of it, as you go on. */
  listAccounts(
    options: { external_id?: string; limit?: number; cursor?: string } = {},
  ): AsyncGenerator<t.Account, void, void> {
    return this.pages("GET", "/v1/accounts", options);
  }

  /** Make or change an account. */
  upsertAccount(
    body: {
  /** Your own id of the fact: sent again, it changes nothing. */
  event_id?: string | null;
  /** When it happened; now, when left out. */
  occurred_at?: string | null;
  /** Your own id of it. */
  external_id: string;
  name?: string | null;
  /** `paying`, `trial`, `churned`, … as you name them. */
  status?: string | null;
  plan?: string | null;
  /** When it became a customer. */
  since?: string | null;
  country?: string | null;
  industry?: string | null;
  employees?: number | null;
  /** The account executive or CSM. */
  owner?: string | null;
  territory?: string | null;
  in_collections?: boolean | null;
  open_dispute?: boolean | null;
  active_days_30?: number | null;
  /** Facts of your own that conditions may read. */
  traits?: Record<string, unknown> | null;
},
    options: { wait?: boolean } & Idempotent = {},
  ): Promise<t.AccountAct> {
    return this.json("POST", "/v1/accounts", options, body);
  }

  /** Get an account. */
  getAccount(accountId: string): Promise<t.Account> {
    return this.json("GET", `/v1/accounts/${part(accountId)}`);
  }

  /** List decisions; every page of it, as you go on. */
  listDecisions(
    options: { event?: string; participant?: string; referral?: string; limit?: number; cursor?: string } = {},
  ): AsyncGenerator<t.Decision, void, void> {
    return this.pages("GET", "/v1/decisions", options);
  }

  /** Get a decision. */
  getDecision(decisionId: string): Promise<t.Decision> {
    return this.json("GET", `/v1/decisions/${part(decisionId)}`);
  }

  /** List ledger accounts. */
  listLedgerAccounts(options: { participant?: string; at?: string } = {}): Promise<t.LedgerAccounts> {
    return this.json("GET", "/v1/ledger/accounts", options);
  }

  /** Get the trial balance. */
  getTrialBalance(options: { at?: string } = {}): Promise<t.TrialBalance> {
    return this.json("GET", "/v1/ledger/trial-balance", options);
  }

  /** List statements of partners; every page of it, as you go on. */
  listStatements(
    options: { program?: string; participant?: string; period?: string; state?: "payable" | "carried"; format?: "json" | "csv"; limit?: number; cursor?: string } = {},
  ): AsyncGenerator<t.Statement, void, void> {
    return this.pages("GET", "/v1/statements", options);
  }

  /** Get a statement with its movements. */
  getStatement(statementId: string, options: { format?: "json" | "csv" } = {}): Promise<t.StatementWhole> {
    return this.json("GET", `/v1/statements/${part(statementId)}`, options);
  }

  /** List programs; every page of it, as you go on. */
  listPrograms(options: { limit?: number; cursor?: string } = {}): AsyncGenerator<t.Program, void, void> {
    return this.pages("GET", "/v1/programs", options);
  }

  /** Publish a program. */
  publishProgram(
    body: t.ProgramSource | string,
    options: { at?: string } & Typed & Idempotent = {},
  ): Promise<t.ProgramVersion> {
    return this.json("POST", "/v1/programs", options, body);
  }

  /** Check a program. */
  validateProgram(body: t.ProgramSource | string, options: Typed & Idempotent = {}): Promise<t.ValidProgram> {
    return this.json("POST", "/v1/programs/validate", options, body);
  }

  /** Say what a document changes. */
  diffProgram(
    body: t.ProgramSource | string,
    options: { against?: number } & Typed & Idempotent = {},
  ): Promise<t.ProgramChanges> {
    return this.json("POST", "/v1/programs/diff", options, body);
  }

  /** Get the JSON Schema of a program. */
  getProgramSchema(): Promise<Record<string, unknown>> {
    return this.json("GET", "/v1/programs/schema");
  }

  /** Get a program. */
  getProgram(program: string): Promise<t.Program> {
    return this.json("GET", `/v1/programs/${part(program)}`);
  }

  /** Get a program's live document. */
  getProgramDocument(program: string): Promise<t.ProgramDocument> {
    return this.json("GET", `/v1/programs/${part(program)}/document`);
  }

  /** List a program's versions; every page of it, as you go on. */
  listProgramVersions(
    program: string,
    options: { limit?: number; cursor?: string } = {},
  ): AsyncGenerator<t.ProgramVersion, void, void> {
    return this.pages("GET", `/v1/programs/${part(program)}/versions`, options);
  }

  /** Get a version with its document. */
  getProgramVersion(program: string, number: number): Promise<t.ProgramDocument> {
    return this.json("GET", `/v1/programs/${part(program)}/versions/${part(number)}`);
  }

  /** Say what a version changed. */
  getProgramChanges(program: string, number: number, options: { against?: number } = {}): Promise<t.ProgramChanges> {
    return this.json("GET", `/v1/programs/${part(program)}/versions/${part(number)}/changes`, options);
  }

  /** See how a contest stands. */
  getContest(program: string, contest: string): Promise<t.Contest> {
    return this.json("GET", `/v1/programs/${part(program)}/contests/${part(contest)}`);
  }

  /** Pause a program. */
  pauseProgram(
    program: string,
    body?: {
  /** Why, in words; kept with the event. */
  reason?: string;
},
    options: Idempotent = {},
  ): Promise<t.Program> {
    return this.json("POST", `/v1/programs/${part(program)}/pause`, options, body);
  }

  /** Resume a program. */
  resumeProgram(
    program: string,
    body?: {
  /** Why, in words; kept with the event. */
  reason?: string;
},
    options: Idempotent = {},
  ): Promise<t.Program> {
    return this.json("POST", `/v1/programs/${part(program)}/resume`, options, body);
  }

  /** End a program. */
  endProgram(
    program: string,
    body?: {
  /** Why, in words; kept with the event. */
  reason?: string;
},
    options: Idempotent = {},
  ): Promise<t.Program> {
    return this.json("POST", `/v1/programs/${part(program)}/end`, options, body);
  }

  /** List a program's migrations. */
  listProgramMigrations(program: string): Promise<t.MigrationList> {
    return this.json("GET", `/v1/programs/${part(program)}/migrations`);
  }

  /** Move running referrals to a version. */
  migrateProgram(
    program: string,
    body: {
  /** The number of the version they move to: one that is or was live. */
  to: number;
  /** The versions they come from; left out: all others. */
  from?: Array<number>;
  /** Only these, by our id (`ref_…`) or yours; left out: all that run. */
  referrals?: Array<string>;
  /** Why, in words; kept with the event. */
  reason?: string;
},
    options: Idempotent = {},
  ): Promise<t.Migration> {
    return this.json("POST", `/v1/programs/${part(program)}/migrations`, options, body);
  }

  /** See what a migration would do. */
  previewProgramMigration(
    program: string,
    body: {
  /** The number of the version they move to: one that is or was live. */
  to: number;
  /** The versions they come from; left out: all others. */
  from?: Array<number>;
  /** Only these, by our id (`ref_…`) or yours; left out: all that run. */
  referrals?: Array<string>;
  /** Why, in words; kept with the event. */
  reason?: string;
  /** `after` of the page before, for the next. */
  after?: string;
},
    options: Idempotent = {},
  ): Promise<t.MigrationPreview> {
    return this.json("POST", `/v1/programs/${part(program)}/migrations/preview`, options, body);
  }

  /** Take a migration back. */
  undoProgramMigration(
    program: string,
    migration: string,
    body?: {
  /** Why, in words; kept with the event. */
  reason?: string;
},
    options: Idempotent = {},
  ): Promise<t.Migration> {
    return this.json("POST", `/v1/programs/${part(program)}/migrations/${part(migration)}/undo`, options, body);
  }

  /** Try a program on the past. */
  createBacktest(body: t.SentBacktest, options: Idempotent = {}): Promise<t.Backtest> {
    return this.json("POST", "/v1/backtests", options, body);
  }

  /** List backtests; every page of it, as you go on. */
  listBacktests(
    options: { program?: string; state?: "waiting" | "running" | "done" | "failed" | "cancelled"; limit?: number; cursor?: string } = {},
  ): AsyncGenerator<t.Backtest, void, void> {
    return this.pages("GET", "/v1/backtests", options);
  }

  /** Get a backtest. */
  getBacktest(backtestId: string): Promise<t.BacktestAnswer> {
    return this.json("GET", `/v1/backtests/${part(backtestId)}`);
  }

  /** Cancel a backtest. */
  cancelBacktest(backtestId: string, options: Idempotent = {}): Promise<t.Backtest> {
    return this.json("POST", `/v1/backtests/${part(backtestId)}/cancel`, options, {});
  }

  /** List who gains and loses; every page of it, as you go on. */
  listBacktestPeople(
    backtestId: string,
    options: { limit?: number; cursor?: string } = {},
  ): AsyncGenerator<t.BacktestPerson, void, void> {
    return this.pages("GET", `/v1/backtests/${part(backtestId)}/people`, options);
  }

  /** List changed decisions; every page of it, as you go on. */
  listBacktestDecisions(
    backtestId: string,
    options: { limit?: number; cursor?: string } = {},
  ): AsyncGenerator<t.ChangedDecision, void, void> {
    return this.pages("GET", `/v1/backtests/${part(backtestId)}/decisions`, options);
  }

  /** Export a table of a backtest. */
  exportBacktest(backtestId: string, table: string): Promise<Uint8Array> {
    return this.bytes("GET", `/v1/backtests/${part(backtestId)}/${part(table)}.csv`);
  }

  /** List drafts; every page of it, as you go on. */
  listDrafts(
    options: { program?: string; state?: "draft" | "review" | "approved" | "published" | "discarded"; limit?: number; cursor?: string } = {},
  ): AsyncGenerator<t.Draft, void, void> {
    return this.pages("GET", "/v1/drafts", options);
  }

  /** Save a draft. */
  saveDraft(body: {
  program: string;
} | string, options: Typed & Idempotent = {}): Promise<t.DraftWhole> {
    return this.json("POST", "/v1/drafts", options, body);
  }

  /** Get a draft. */
  getDraft(draftId: string): Promise<t.DraftWhole> {
    return this.json("GET", `/v1/drafts/${part(draftId)}`);
  }

  /** Submit a draft for review. */
  submitDraft(draftId: string, body?: t.SentStep, options: Idempotent = {}): Promise<t.DraftWhole> {
    return this.json("POST", `/v1/drafts/${part(draftId)}/submit`, options, body);
  }

  /** Approve a draft. */
  approveDraft(draftId: string, body?: t.SentStep, options: Idempotent = {}): Promise<t.DraftWhole> {
    return this.json("POST", `/v1/drafts/${part(draftId)}/approve`, options, body);
  }

  /** Send a draft back. */
  sendBackDraft(draftId: string, body?: t.SentStep, options: Idempotent = {}): Promise<t.DraftWhole> {
    return this.json("POST", `/v1/drafts/${part(draftId)}/send-back`, options, body);
  }

  /** Discard a draft. */
  discardDraft(draftId: string, body?: t.SentStep, options: Idempotent = {}): Promise<t.DraftWhole> {
    return this.json("POST", `/v1/drafts/${part(draftId)}/discard`, options, body);
  }

  /** Publish an approved draft. */
  publishDraft(draftId: string, body?: t.SentStep, options: { at?: string } & Idempotent = {}): Promise<t.DraftWhole> {
    return this.json("POST", `/v1/drafts/${part(draftId)}/publish`, options, body);
  }

  /** Play a program forward. */
  createSimulation(body: t.SentSimulation, options: Idempotent = {}): Promise<t.Simulation> {
    return this.json("POST", "/v1/simulations", options, body);
  }

  /** List simulations; every page of it, as you go on. */
  listSimulations(
    options: { program?: string; state?: "waiting" | "running" | "done" | "failed" | "cancelled"; limit?: number; cursor?: string } = {},
  ): AsyncGenerator<t.Simulation, void, void> {
    return this.pages("GET", "/v1/simulations", options);
  }

  /** Get a simulation. */
  getSimulation(simulationId: string): Promise<t.SimulationAnswer> {
    return this.json("GET", `/v1/simulations/${part(simulationId)}`);
  }

  /** Cancel a simulation. */
  cancelSimulation(simulationId: string, options: Idempotent = {}): Promise<t.Simulation> {
    return this.json("POST", `/v1/simulations/${part(simulationId)}/cancel`, options, {});
  }

  /** Export the figures of a simulation. */
  exportSimulation(simulationId: string): Promise<Uint8Array> {
    return this.bytes("GET", `/v1/simulations/${part(simulationId)}/figures.csv`);
  }

  /** Export rewards. */
  exportRewards(
    options: { program?: string; state?: "pending" | "approved" | "issued" | "redeemed" | "rejected" | "cancelled" | "expired" | "reversed" | "failed"; test?: boolean; format?: "jsonl" | "csv" } = {},
  ): Promise<Uint8Array> {
    return this.bytes("GET", "/v1/exports/rewards", options);
  }

  /** Export referrals. */
  exportReferrals(
    options: { program?: string; state?: "submitted" | "qualified" | "opportunity" | "closed_won" | "closed_lost" | "disqualified" | "nurture" | "expired" | "duplicate" | "voided"; test?: boolean; format?: "jsonl" | "csv" } = {},
  ): Promise<Uint8Array> {
    return this.bytes("GET", "/v1/exports/referrals", options);
  }

  /** Export the ledger. */
  exportLedger(options: { since?: string; until?: string; format?: "jsonl" | "csv" } = {}): Promise<Uint8Array> {
    return this.bytes("GET", "/v1/exports/ledger", options);
  }

  /** List links; every page of it, as you go on. */
  listLinks(
    options: { participant?: string; program?: string; channel?: string; state?: "on" | "off"; limit?: number; cursor?: string } = {},
  ): AsyncGenerator<t.Link, void, void> {
    return this.pages("GET", "/v1/links", options);
  }

  /** Make a link. */
  createLink(
    body: {
  /** Your own id of the fact: sent again, it changes nothing. */
  event_id?: string | null;
  /** When it happened; now, when left out. */
  occurred_at?: string | null;
  /** Whose: your own id of them, or ours (par_…). */
  participant: string;
  /** The program's key. */
  program: string;
  /** One that people choose. Left out: one is made, the same for the same channel. */
  code?: string | null;
  /** Where it is shared, such as `email`. */
  channel?: string | null;
  /** From when on it leads nowhere. */
  expires_at?: string | null;
  /** Where it leads instead of the program's destination, on one of the program's hosts. */
  destination?: string | null;
},
    options: { wait?: boolean } & Idempotent = {},
  ): Promise<t.LinkAct> {
    return this.json("POST", "/v1/links", options, body);
  }

  /** Get a link. */
  getLink(linkId: string): Promise<t.Link> {
    return this.json("GET", `/v1/links/${part(linkId)}`);
  }

  /** Change a link. */
  updateLink(
    linkId: string,
    body: {
  /** Your own id of the fact: sent again, it changes nothing. */
  event_id?: string | null;
  /** When it happened; now, when left out. */
  occurred_at?: string | null;
  /** Whether it leads anywhere. */
  state?: "on" | "off";
  /** Where it is shared. */
  channel?: string | null;
  /** From when on it leads nowhere; null: never. */
  expires_at?: string | null;
  /** Where it leads, on one of the program's hosts; null: where the program says. */
  destination?: string | null;
  /** Who changed it. */
  by?: string | null;
},
    options: { wait?: boolean } & Idempotent = {},
  ): Promise<t.LinkAct> {
    return this.json("PATCH", `/v1/links/${part(linkId)}`, options, body);
  }

  /** Get a link's QR code as SVG. */
  getLinkQrSvg(linkId: string, options: { scale?: number } = {}): Promise<Uint8Array> {
    return this.bytes("GET", `/v1/links/${part(linkId)}/qr.svg`, options);
  }

  /** Get a link's QR code as PNG. */
  getLinkQrPng(linkId: string, options: { scale?: number } = {}): Promise<Uint8Array> {
    return this.bytes("GET", `/v1/links/${part(linkId)}/qr.png`, options);
  }

  /** Get the link of a code. */
  getCode(code: string): Promise<t.Link> {
    return this.json("GET", `/v1/codes/${part(code)}`);
  }

  /** Check a code. */
  checkCode(code: string): Promise<t.CodeCheck> {
    return this.json("GET", `/v1/codes/${part(code)}/check`);
  }

  /** List clicks; every page of it, as you go on. */
  listClicks(
    options: { link?: string; visitor?: string; kind?: "visit" | "preview" | "bot"; limit?: number; cursor?: string } = {},
  ): AsyncGenerator<t.Click, void, void> {
    return this.pages("GET", "/v1/clicks", options);
  }

  /** Get a click. */
  getClick(clickId: string): Promise<t.Click> {
    return this.json("GET", `/v1/clicks/${part(clickId)}`);
  }

  /** Import files. */
  createImport(
    body: t.SentImport | string | Uint8Array,
    options: { mapping?: string; program?: string; rule?: string; dry_run?: boolean; kind?: string; name?: string } & Typed & Idempotent = {},
  ): Promise<t.Import> {
    return this.json("POST", "/v1/imports", options, body);
  }

  /** List imports; every page of it, as you go on. */
  listImports(
    options: { state?: "waiting" | "running" | "done" | "failed" | "cancelled" | "undoing" | "undone"; limit?: number; cursor?: string } = {},
  ): AsyncGenerator<t.Import, void, void> {
    return this.pages("GET", "/v1/imports", options);
  }

  /** List mappings. */
  listImportMappings(): Promise<t.MappingList> {
    return this.json("GET", "/v1/imports/mappings");
  }

  /** Get an import. */
  getImport(importId: string): Promise<t.Import> {
    return this.json("GET", `/v1/imports/${part(importId)}`);
  }

  /** Read an import's report; every page of it, as you go on. */
  listImportReport(
    importId: string,
    options: { status?: "accepted" | "skipped" | "error" | "undone" | "kept"; limit?: number; cursor?: string } = {},
  ): AsyncGenerator<t.ImportLine, void, void> {
    return this.pages("GET", `/v1/imports/${part(importId)}/report`, options);
  }

  /** Export an import's report. */
  exportImportReport(
    importId: string,
    options: { status?: "accepted" | "skipped" | "error" | "undone" | "kept" } = {},
  ): Promise<Uint8Array> {
    return this.bytes("GET", `/v1/imports/${part(importId)}/report.csv`, options);
  }

  /** Run, undo, resume or cancel an import. */
  actOnImport(importId: string, act: string, options: Idempotent = {}): Promise<t.Import> {
    return this.json("POST", `/v1/imports/${part(importId)}/${part(act)}`, options, {});
  }

  /** List claims; every page of it, as you go on. */
  listClaims(
    options: { program?: string; state?: "waiting" | "approved" | "rejected"; participant?: string; referred?: string; limit?: number; cursor?: string } = {},
  ): AsyncGenerator<t.Claim, void, void> {
    return this.pages("GET", "/v1/claims", options);
  }

  /** Claim a referral. */
  makeClaim(
    body: {
  /** Your own id of the fact: sent again, it changes nothing. */
  event_id?: string | null;
  /** When it happened; now, when left out. */
  occurred_at?: string | null;
  /** The program's key. */
  program: string;
  /** What shows it, in words. */
  proof?: string | null;
  /** Where it can be seen (http or https). */
  url?: string | null;
  /** A number or name by which it can be found. */
  reference?: string | null;
  /** When they told the person; now, when left out. */
  at?: string | null;
  /** Who claims: their external id, or an object. */
  participant: string | {
    external_id?: string | null;
    email?: string | null;
    name?: string | null;
  };
  /** Whom they brought. */
  referred: {
    external_id?: string | null;
    email?: string | null;
    name?: string | null;
  };
},
    options: { wait?: boolean } & Idempotent = {},
  ): Promise<t.ClaimAct> {
    return this.json("POST", "/v1/claims", options, body);
  }

  /** Get a claim. */
  getClaim(claimId: string): Promise<t.Claim> {
    return this.json("GET", `/v1/claims/${part(claimId)}`);
  }

  /** Approve a claim. */
  approveClaim(
    claimId: string,
    body?: {
  /** Your own id of the fact: sent again, it changes nothing. */
  event_id?: string | null;
  /** When it happened; now, when left out. */
  occurred_at?: string | null;
  /** Who decided; the key's name, when left out. */
  by?: string | null;
  /** For staff, in words. */
  note?: string | null;
},
    options: { wait?: boolean } & Idempotent = {},
  ): Promise<t.ClaimAct> {
    return this.json("POST", `/v1/claims/${part(claimId)}/approve`, options, body);
  }

  /** Reject a claim. */
  rejectClaim(
    claimId: string,
    body: {
  /** Your own id of the fact: sent again, it changes nothing. */
  event_id?: string | null;
  /** When it happened; now, when left out. */
  occurred_at?: string | null;
  /** Who decided; the key's name, when left out. */
  by?: string | null;
  /** For staff, in words. */
  note?: string | null;
  /** Why; the participant is told in their language. */
  reason: "not_proven" | "brought_by_another" | "known_before" | "claim_refused";
},
    options: { wait?: boolean } & Idempotent = {},
  ): Promise<t.ClaimAct> {
    return this.json("POST", `/v1/claims/${part(claimId)}/reject`, options, body);
  }

  /** Who am I. */
  getMe(): Promise<t.Me> {
    return this.json("GET", "/v1/me");
  }

  /** Introduce me. */
  identifyMe(
    body?: {
  /** ISO 3166-1 alpha-2. */
  country?: string | null;
  /** BCP 47, such as `nb-NO`. */
  locale?: string | null;
  /** Your own id of the visitor before they were known: what was told of it becomes theirs. */
  anonymous_id?: string | null;
  /** The click that your page was told: evidence of who brought them. */
  click_id?: string | null;
},
    options: Idempotent = {},
  ): Promise<t.Me | t.MyAct> {
    return this.json("POST", "/v1/me", options, body);
  }

  /** My links; every page of it, as you go on. */
  listMyLinks(options: { limit?: number; cursor?: string } = {}): AsyncGenerator<t.MyLink, void, void> {
    return this.pages("GET", "/v1/me/links", options);
  }

  /** A link of mine. */
  createMyLink(
    body: {
  /** The program's key. */
  program: string;
  /** Where it is shared, such as `email`. */
  channel?: string | null;
},
    options: { locale?: "en" | "nb" | "da" | "ms" } & Idempotent = {},
  ): Promise<t.MyNewLink> {
    return this.json("POST", "/v1/me/links", options, body);
  }

  /** My referrals; every page of it, as you go on. */
  listMyReferrals(
    options: { locale?: "en" | "nb" | "da" | "ms"; limit?: number; cursor?: string } = {},
  ): AsyncGenerator<t.MyReferral, void, void> {
    return this.pages("GET", "/v1/me/referrals", options);
  }

  /** Refer somebody. */
  submitMyReferral(
    body: {
  /** The program's key; may be left out where there is one. */
  program?: string | null;
  /** Who is put forward. */
  referred: {
    email: string;
    name?: string | null;
    company?: string | null;
    country?: string | null;
    industry?: string | null;
    employees?: number | null;
  };
  /** What they look for, in words. */
  need?: string | null;
},
    options: { locale?: "en" | "nb" | "da" | "ms" } & Idempotent = {},
  ): Promise<t.MySubmission> {
    return this.json("POST", "/v1/me/referrals", options, body);
  }

  /** My rewards; every page of it, as you go on. */
  listMyRewards(
    options: { locale?: "en" | "nb" | "da" | "ms"; limit?: number; cursor?: string } = {},
  ): AsyncGenerator<t.MyReward, void, void> {
    return this.pages("GET", "/v1/me/rewards", options);
  }

  /** My balances. */
  getMyBalances(): Promise<t.Balances> {
    return this.json("GET", "/v1/me/balances");
  }

  /** My movements. */
  listMyMovements(): Promise<t.MyMovements> {
    return this.json("GET", "/v1/me/movements");
  }

  /** My statements; every page of it, as you go on. */
  listMyStatements(options: { limit?: number; cursor?: string } = {}): AsyncGenerator<t.Statement, void, void> {
    return this.pages("GET", "/v1/me/statements", options);
  }

  /** My entitlements. */
  getMyEntitlements(): Promise<t.Entitlements> {
    return this.json("GET", "/v1/me/entitlements");
  }

  /** What runs for me. */
  getMyRunning(options: { locale?: "en" | "nb" | "da" | "ms" } = {}): Promise<t.RunningList> {
    return this.json("GET", "/v1/me/running", options);
  }

  /** Redeem points. */
  redeemMyPoints(
    body: {
  /** The program's key. */
  program: string;
  /** The id of what they want. */
  item: string;
},
    options: { locale?: "en" | "nb" | "da" | "ms" } & Idempotent = {},
  ): Promise<t.MyAct> {
    return this.json("POST", "/v1/me/redemptions", options, body);
  }

  /** Terms I accepted. */
  listMyTerms(): Promise<t.Acceptances> {
    return this.json("GET", "/v1/me/terms");
  }

  /** Accept terms. */
  acceptMyTerms(
    body: {
  /** The program's key. */
  program: string;
  /** The number of the text. */
  terms: number;
},
    options: { locale?: "en" | "nb" | "da" | "ms" } & Idempotent = {},
  ): Promise<t.MyAct> {
    return this.json("POST", "/v1/me/terms", options, body);
  }

  /** My claims; every page of it, as you go on. */
  listMyClaims(
    options: { locale?: "en" | "nb" | "da" | "ms"; limit?: number; cursor?: string } = {},
  ): AsyncGenerator<t.MyClaim, void, void> {
    return this.pages("GET", "/v1/me/claims", options);
  }

  /** Claim a referral of mine. */
  makeMyClaim(
    body: {
  /** The program's key. */
  program: string;
  /** What shows it, in words. */
  proof?: string | null;
  /** Where it can be seen (http or https). */
  url?: string | null;
  /** A number or name by which it can be found. */
  reference?: string | null;
  /** When they told the person; now, when left out. */
  at?: string | null;
  /** Whom they brought. */
  referred: {
    email: string;
    name?: string | null;
  };
},
    options: { locale?: "en" | "nb" | "da" | "ms" } & Idempotent = {},
  ): Promise<t.MyClaimAct> {
    return this.json("POST", "/v1/me/claims", options, body);
  }

  /** List keys; every page of it, as you go on. */
  listKeys(
    options: { kind?: "secret" | "publishable" | "token"; limit?: number; cursor?: string } = {},
  ): AsyncGenerator<t.Key, void, void> {
    return this.pages("GET", "/v1/keys", options);
  }

  /** Make a key. */
  createKey(
    body: {
  /** Who uses it. */
  name: string;
  /** `secret`: for servers; `publishable`: for pages; `token`: signs participant tokens. */
  kind?: "secret" | "publishable" | "token";
  /** Of a secret key: `all`, or some. Left out: those of the key that asks. */
  scopes?: Array<string> | null;
  /** Of the other kinds: where browsers may use it, such as `https://shop.example`, or `*`. */
  origins?: Array<string> | null;
  /** When it ends; left out: when it is revoked. */
  expires_at?: string | null;
},
    options: Idempotent = {},
  ): Promise<t.KeyMade> {
    return this.json("POST", "/v1/keys", options, body);
  }

  /** Get a key. */
  getKey(keyId: string): Promise<t.Key> {
    return this.json("GET", `/v1/keys/${part(keyId)}`);
  }

  /** Rotate a key. */
  rotateKey(
    keyId: string,
    body?: {
  /** How long the old one lives on. */
  overlap_seconds?: number;
},
    options: Idempotent = {},
  ): Promise<t.KeyMade> {
    return this.json("POST", `/v1/keys/${part(keyId)}/rotate`, options, body);
  }

  /** Revoke a key. */
  revokeKey(keyId: string, body?: Record<string, unknown>, options: Idempotent = {}): Promise<t.Key> {
    return this.json("POST", `/v1/keys/${part(keyId)}/revoke`, options, body);
  }

  /** Something happened. */
  segmentTrack(
    body: {
  /** The call's own id, by which a repeat is known. Left out, each request is a new fact. */
  messageId?: unknown;
  /** Whom it is about: the person's external id. */
  userId?: unknown;
  /** The visitor's id, before they are known and after. */
  anonymousId?: unknown;
  /** When it happened, by the sender's clock. Left out: now. */
  timestamp?: unknown;
  /** What the sender's clock said at the request: `timestamp` is moved by the difference to ours. */
  sentAt?: unknown;
  /** What happened. */
  properties?: unknown;
  /** Around it: `campaign`, `page`, `traits`, `groupId` and `locale` are read. */
  context?: unknown;
  /** May be left out. */
  type?: "track";
  /** Its name. */
  event: string;
},
    options: Idempotent = {},
  ): Promise<t.Taken> {
    return this.json("POST", "/v1/track", options, body);
  }

  /** Who somebody is. */
  segmentIdentify(
    body: {
  /** The call's own id, by which a repeat is known. Left out, each request is a new fact. */
  messageId?: unknown;
  /** Whom it is about: the person's external id. */
  userId?: unknown;
  /** The visitor's id, before they are known and after. */
  anonymousId?: unknown;
  /** When it happened, by the sender's clock. Left out: now. */
  timestamp?: unknown;
  /** What the sender's clock said at the request: `timestamp` is moved by the difference to ours. */
  sentAt?: unknown;
  /** What is so of the person, or of the account. */
  traits?: unknown;
  /** Around it: `campaign`, `page`, `traits`, `groupId` and `locale` are read. */
  context?: unknown;
  /** May be left out. */
  type?: "identify";
},
    options: Idempotent = {},
  ): Promise<t.Taken> {
    return this.json("POST", "/v1/identify", options, body);
  }

  /** A page was seen. */
  segmentPage(
    body: {
  /** The call's own id, by which a repeat is known. Left out, each request is a new fact. */
  messageId?: unknown;
  /** Whom it is about: the person's external id. */
  userId?: unknown;
  /** The visitor's id, before they are known and after. */
  anonymousId?: unknown;
  /** When it happened, by the sender's clock. Left out: now. */
  timestamp?: unknown;
  /** What the sender's clock said at the request: `timestamp` is moved by the difference to ours. */
  sentAt?: unknown;
  /** What happened. */
  properties?: unknown;
  /** Around it: `campaign`, `page`, `traits`, `groupId` and `locale` are read. */
  context?: unknown;
  /** Of the page or screen. */
  name?: unknown;
  /** May be left out. */
  type?: "page";
},
    options: Idempotent = {},
  ): Promise<t.Taken> {
    return this.json("POST", "/v1/page", options, body);
  }

  /** A screen was seen. */
  segmentScreen(
    body: {
  /** The call's own id, by which a repeat is known. Left out, each request is a new fact. */
  messageId?: unknown;
  /** Whom it is about: the person's external id. */
  userId?: unknown;
  /** The visitor's id, before they are known and after. */
  anonymousId?: unknown;
  /** When it happened, by the sender's clock. Left out: now. */
  timestamp?: unknown;
  /** What the sender's clock said at the request: `timestamp` is moved by the difference to ours. */
  sentAt?: unknown;
  /** What happened. */
  properties?: unknown;
  /** Around it: `campaign`, `page`, `traits`, `groupId` and `locale` are read. */
  context?: unknown;
  /** Of the page or screen. */
  name?: unknown;
  /** May be left out. */
  type?: "screen";
},
    options: Idempotent = {},
  ): Promise<t.Taken> {
    return this.json("POST", "/v1/screen", options, body);
  }

  /** Which account somebody is of. */
  segmentGroup(
    body: {
  /** The call's own id, by which a repeat is known. Left out, each request is a new fact. */
  messageId?: unknown;
  /** Whom it is about: the person's external id. */
  userId?: unknown;
  /** The visitor's id, before they are known and after. */
  anonymousId?: unknown;
  /** When it happened, by the sender's clock. Left out: now. */
  timestamp?: unknown;
  /** What the sender's clock said at the request: `timestamp` is moved by the difference to ours. */
  sentAt?: unknown;
  /** What is so of the person, or of the account. */
  traits?: unknown;
  /** Around it: `campaign`, `page`, `traits`, `groupId` and `locale` are read. */
  context?: unknown;
  /** The account's external id. */
  groupId?: unknown;
  /** May be left out. */
  type?: "group";
},
    options: Idempotent = {},
  ): Promise<t.Taken> {
    return this.json("POST", "/v1/group", options, body);
  }

  /** Two ids are one person. */
  segmentAlias(
    body: {
  /** The call's own id, by which a repeat is known. Left out, each request is a new fact. */
  messageId?: unknown;
  /** Whom it is about: the person's external id. */
  userId?: unknown;
  /** The visitor's id, before they are known and after. */
  anonymousId?: unknown;
  /** When it happened, by the sender's clock. Left out: now. */
  timestamp?: unknown;
  /** What the sender's clock said at the request: `timestamp` is moved by the difference to ours. */
  sentAt?: unknown;
  /** What happened. */
  properties?: unknown;
  /** Around it: `campaign`, `page`, `traits`, `groupId` and `locale` are read. */
  context?: unknown;
  /** The other id of the same person. */
  previousId?: unknown;
  /** May be left out. */
  type?: "alias";
},
    options: Idempotent = {},
  ): Promise<t.Taken> {
    return this.json("POST", "/v1/alias", options, body);
  }

  /** Up to 1,000 calls of Segment's. */
  segmentBatch(
    body: {
  /** Calls, each with its `type`. */
  batch: Array<unknown>;
  /** What the sender's clock said at the request: `timestamp` is moved by the difference to ours. */
  sentAt?: unknown;
  /** What is so of every call that does not say otherwise. */
  context?: unknown;
},
    options: Idempotent = {},
  ): Promise<t.Taken> {
    return this.json("POST", "/v1/batch", options, body);
  }

  /** The same as /v1/batch. */
  segmentImport(
    body: {
  /** Calls, each with its `type`. */
  batch: Array<unknown>;
  /** What the sender's clock said at the request: `timestamp` is moved by the difference to ours. */
  sentAt?: unknown;
  /** What is so of every call that does not say otherwise. */
  context?: unknown;
},
    options: Idempotent = {},
  ): Promise<t.Taken> {
    return this.json("POST", "/v1/import", options, body);
  }

  /** Get the workspace. */
  getWorkspace(): Promise<t.Workspace> {
    return this.json("GET", "/v1/workspace");
  }

  /** Change the workspace. */
  updateWorkspace(
    body: {
  /** What people call it. */
  name?: string | null;
  /** The host of its links, such as `go.example.com`; null: none of its own. */
  short_domain?: string | null;
  /** How its links answer, and what is kept of a click. */
  clicks?: {
    /**
     * Where an unknown code leads, and a link whose program names no fallback of its own. Left out: a page that
     * says so in the visitor's language.
     */
    fallback?: string | null;
    /**
     * Whether a click sets the cookie `gw_click`, by which later clicks of the same browser are known. `consent`:
     * where the visitor agreed: the address has `gw_consent=1`, or the browser sends a cookie of that name and
     * value.
     */
    cookie?: "never" | "consent" | "always";
    /**
     * Of a visitor whose browser sends `DNT: 1` or `Sec-GPC: 1`: `respect`: no cookie, and neither their IP address
     * nor a hash of it, their language or the page they came from.
     */
    privacy_signals?: "respect" | "ignore";
    /** How long the hashes of IP addresses can be compared: then their salt is thrown away and another is drawn. */
    ip_hash_days?: number;
    /** For how many days the IP address itself is kept. 0: never. */
    raw_ip_days?: number;
    /** For how many days clicks are kept. */
    clicks_days?: number;
  } | null;
},
    options: Idempotent = {},
  ): Promise<t.Workspace> {
    return this.json("PATCH", "/v1/workspace", options, body);
  }

  /** List changes of the workspace; every page of it, as you go on. */
  listWorkspaceChanges(options: { limit?: number; cursor?: string } = {}): AsyncGenerator<t.SettingChange, void, void> {
    return this.pages("GET", "/v1/workspace/changes", options);
  }

  /** Get the workspace in numbers. */
  getSummary(): Promise<t.Summary> {
    return this.json("GET", "/v1/summary");
  }
}
