// Two match weeks of sixty members, through HTTP alone and a client that is generated from the OpenAPI document.
// Environment: BASE (the service), MESSAGES (where its texts arrive), ADMIN_PHONE and ADMIN_PASSWORD.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

type Schemas = components["schemas"];
type Api = ReturnType<typeof createClient<paths>>;
interface Member {
  api: Api;
  id: string;
  name: string;
}

const BASE = process.env["BASE"]!;
const PASSWORD = "노란 우산 아래 고양이 세 마리";
const MEMBERS = 60;
const ANSWER_MS = Number(process.env["ANSWER_SECONDS"] ?? 60) * 1000;

// Each from an address of its own, as behind a proxy: sixty sign-ups from one address are refused.
function client(address: string, token?: string): Api {
  const headers: Record<string, string> = { "X-Forwarded-For": address };
  if (token !== undefined) headers["Authorization"] = `Bearer ${token}`;
  return createClient<paths>({ baseUrl: BASE, headers });
}

function ok<T>(reply: { data?: T; error?: unknown; response: Response }): T {
  assert.ok(reply.response.ok, `${reply.response.url}: ${reply.response.status} ${JSON.stringify(reply.error)}`);
  return reply.data as T;
}

function totp(secret: string, step: number): string {
  let bits = "";
  for (const letter of secret) bits += "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0");
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac("sha1", key).update(counter).digest();
  const at = mac[19]! & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

async function codeFor(phone: string): Promise<string> {
  for (let tries = 0; tries < 300; tries++) {
    const reply = await fetch(`${process.env["MESSAGES"]}/?to=${encodeURIComponent(phone)}`);
    const { code } = (await reply.json()) as { code: string };
    if (code) return code;
    await new Promise((later) => setTimeout(later, 100));
  }
  throw new Error("no text came");
}

async function administrator(): Promise<Api> {
  const phone = process.env["ADMIN_PHONE"]!;
  const password = process.env["ADMIN_PASSWORD"]!;
  const signedIn = ok(await client("203.0.113.250").POST("/api/v1/auth/login", { body: { phone, password } }));
  assert.equal(signedIn.state, "signed_in");
  if (signedIn.state !== "signed_in") throw new Error("unreachable: the union is discriminated");
  const api = client("203.0.113.250", signedIn.tokens.access_token);
  const enrolment = ok(await api.POST("/api/v1/auth/authenticator"));
  const code = totp(enrolment.secret, Math.floor(Date.now() / 30_000));
  const tokens = ok(await api.POST("/api/v1/auth/authenticator/confirm", { body: { code } }));
  return client("203.0.113.250", tokens.access_token);
}

async function join(number: number, admin: Api): Promise<Member> {
  const address = `198.51.100.${number + 1}`;
  const phone = `010-3${String(number).padStart(3, "0")}-7${String(number).padStart(3, "0")}`;
  const gender: Schemas["PasswordSignUp"]["gender"] = number % 2 ? "female" : "male";
  const started = ok(await client(address).POST("/api/v1/auth/signup/phone", { body: { phone } }));
  const consents = { terms: "2026-01", privacy: "2026-01", sensitive: "2026-01" };
  const signedUp = await client(address).POST("/api/v1/auth/signup", {
    body: {
      name: `회원${number}`,
      gender,
      seeks: [gender === "male" ? "female" : "male"],
      birth_year: 1985 + (number % 10),
      consents,
      phone,
      password: PASSWORD,
      one_time_token: started.one_time_token,
      code: await codeFor(phone),
    },
  });
  const tokens = ok(signedUp);
  assert.equal(signedUp.response.headers.get("location"), "/api/v1/users/me");
  const api = client(address, tokens.access_token);
  const regions: Schemas["Region"][] = ["seoul", "gyeonggi", "incheon"];
  const facts: Schemas["ProfileFactsEdit"] = {
    height_cm: 155 + (number % 30),
    region: regions[number % 3]!,
    education: "bachelor",
    job_group: "technology",
  };
  const edited = await api.PATCH("/api/v1/users/me/profile", { body: { facts, introduction: "산을 좋아합니다." } });
  const etag = edited.response.headers.get("etag");
  assert.ok(etag);
  const wishes: Schemas["WishesEdit"] = { birth_year: { importance: "fair", low: 1980 } };
  ok(await api.PUT("/api/v1/users/me/preferences", { body: { wishes }, params: { header: { "If-Match": etag } } }));
  const stale = await api.PATCH("/api/v1/users/me/profile", {
    body: { school: null },
    params: { header: { "If-Match": etag } },
  });
  assert.equal(stale.response.status, 412);
  assert.equal(stale.error?.code, "stale_write");
  const submitted = ok(await api.POST("/api/v1/users/me/submit"));
  assert.equal(submitted.status, "pending");
  ok(await admin.POST("/api/v1/admin/members/{id}/approve", { params: { path: { id: tokens.user_id } } }));
  return { api, id: tokens.user_id, name: `회원${number}` };
}

// The service's own worker runs it; the reply to the request only says where to look.
async function done(admin: Api, queued: Schemas["JobView"]): Promise<Schemas["JobView"]> {
  for (let tries = 0; tries < 600; tries++) {
    const job = ok(await admin.GET("/api/v1/admin/jobs/{id}", { params: { path: { id: queued.id } } }));
    assert.ok(job.state !== "failed" && job.state !== "cancelled", job.error_words.en.join(" "));
    if (job.state === "done") return job;
    await new Promise((later) => setTimeout(later, 100));
  }
  throw new Error("the job was not done in a minute");
}

async function holdRound(admin: Api): Promise<Schemas["WeekView"]> {
  const deadline = new Date(Date.now() + ANSWER_MS).toISOString();
  const created = await admin.POST("/api/v1/admin/match-weeks", { body: { deadline } });
  const week = ok(created);
  assert.ok(created.response.headers.get("location")?.endsWith(week.id));
  const path = { id: week.id };
  ok(await admin.POST("/api/v1/admin/match-weeks/{id}/lock", { params: { path } }));
  const queued = await admin.POST("/api/v1/admin/match-weeks/{id}/plan", { params: { path } });
  assert.ok(queued.response.headers.get("location")?.endsWith(ok(queued).id));
  const planned = await done(admin, ok(queued));
  assert.ok(Number(planned.result["pairs"]) > MEMBERS / 4);
  await done(admin, ok(await admin.POST("/api/v1/admin/match-weeks/{id}/publish", { params: { path } })));
  return ok(await admin.GET("/api/v1/admin/match-weeks/{id}", { params: { path } }));
}

// One member's evening: look, read the other, answer. Whose number divides by seven says nothing, by five says no.
async function answer(member: Member, number: number, seen: Set<string>): Promise<void> {
  const now = ok(await member.api.GET("/api/v1/match/current"));
  assert.ok(now.last_round);
  for (const each of now.introductions.filter((one) => one.state === "waiting")) {
    seen.add([member.id, each.with_user].sort().join(" "));
    assert.ok(each.partner);
    assert.ok(each.partner.age_from < each.partner.age_to);
    const partner = ok(await member.api.GET("/api/v1/users/{id}", { params: { path: { id: each.with_user } } }));
    assert.equal(partner.phone, null);
    if (number % 7 === 0) continue;
    const body: Schemas["AnswerRequest"] =
      number % 5 === 0 ? { choice: "decline", reason: "distance" } : { choice: "accept" };
    ok(await member.api.PUT("/api/v1/match/history/{id}/answer", { params: { path: { id: each.id } }, body }));
  }
}

async function tellHowItWent(member: Member): Promise<number> {
  const due = ok(await member.api.GET("/api/v1/match/current")).introductions.filter((one) => one.feedback === "due");
  for (const each of due) {
    const partner = ok(await member.api.GET("/api/v1/users/{id}", { params: { path: { id: each.with_user } } }));
    assert.ok(partner.phone, "whoever is mutual has a way to reach the other");
    assert.equal(each.partner?.name, partner.name);
    const body: Schemas["FeedbackRequest"] = { met: true, again: true, rating: 4 };
    ok(await member.api.POST("/api/v1/match/history/{id}/feedback", { params: { path: { id: each.id } }, body }));
  }
  assert.equal(ok(await member.api.GET("/api/v1/match/current")).introductions.length, 0);
  return due.length;
}

async function week(admin: Api, members: Member[], met: Set<string>): Promise<void> {
  const published = await holdRound(admin);
  const seen = new Set<string>();
  for (const [number, member] of members.entries()) await answer(member, number, seen);
  assert.ok(seen.size > MEMBERS / 4);
  for (const pair of seen) assert.ok(!met.has(pair), "no pair twice");
  for (const pair of seen) met.add(pair);
  await new Promise((over) => setTimeout(over, Math.max(0, Date.parse(published.deadline) - Date.now()) + 500));
  let told = 0;
  for (const member of members) told += await tellHowItWent(member);
  assert.ok(told > 0);
  const path = { id: published.id };
  // The service closes a week by itself some time after its deadline: it may have been faster.
  const closing = await admin.POST("/api/v1/admin/match-weeks/{id}/close", { params: { path } });
  assert.ok(closing.response.ok || closing.error?.code === "wrong_status");
  assert.equal(ok(await admin.GET("/api/v1/admin/match-weeks/{id}", { params: { path } })).state, "closed");
}

const admin = await administrator();
const members: Member[] = [];
for (let number = 0; number < MEMBERS; number++) members.push(await join(number, admin));
const met = new Set<string>();
await week(admin, members, met);
const [gone, away, ...rest] = members;
ok(await gone!.api.DELETE("/api/v1/users/me"));
ok(await away!.api.POST("/api/v1/users/me/pause", { body: {} }));
await week(admin, rest, met);
for (const member of rest) {
  const history = ok(await member.api.GET("/api/v1/match/history", { params: { query: { limit: 50 } } }));
  assert.ok(history.items.every((each) => each.state !== "waiting"));
  assert.equal(new Set(history.items.map((each) => each.with_user)).size, history.items.length);
}
console.log(JSON.stringify({ pairs: met.size }));
