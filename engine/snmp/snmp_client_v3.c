/* SPDX-License-Identifier: Apache-2.0
 * A question by SNMPv3. PROBING (only if the engine is not known), KEYING (only if its keys take
 * long), ASKING; from ASKING once more to ASKING, when an authentic word of the printer set our
 * clock for it. What is believed is what RFC 3412 7.2 and RFC 3414 3.2 believe, and less: the level
 * must be the one asked with, the engine the one pinned, msgID and request-id those of now.
 *
 * An authentic message may set the clock backwards only as the answer to the open msgID: 31 random
 * bits that the printer signed together with its clock, so no recording of it can exist. */
#include "engine/snmp/snmp_client_internal.h"
#include "engine/loop/crypto.h"
#include "engine/snmp/usm_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct keying {
	struct worker_job job;
	struct usm_derived derived;
	struct slot *slot; /* NULL: nobody waits any more */
};

enum { LEVEL = SNMP3_FLAG_AUTH | SNMP3_FLAG_PRIV, TRIES_BEFORE_CHECK = 2 };

static int build(struct slot *slot);

/* ---- out -------------------------------------------------------------------------------- */

static struct usm_about about(const struct slot *slot, uint32_t msg_id)
{
	return (struct usm_about){.msg_id = msg_id,
		.request_id = slot->request_id,
		.now_ms = loop_now_ms(slot->client->loop)};
}

static int change_id(struct slot *slot)
{
	uint32_t id;
	int err = snmp_client_id_draw(slot->client, false, &id);
	if (err < 0)
		return err;
	snmp_client_id_remove(slot->client, slot->id);
	slot->id = id;
	snmp_client_id_insert(slot->client, id, slot);
	return 0;
}

/* The next message of the question, for what is known of the engine by now. */
static void go_on(struct slot *slot)
{
	int err = change_id(slot);
	if (err == 0)
		err = build(slot);
	if (err < 0)
		snmp_client_fail_soon(slot, err);
	else
		snmp_client_send_anew(slot);
}

static int on_keying(struct worker_job *job)
{
	return usm_derive(&container_of(job, struct keying, job)->derived);
}

static void on_keyed(struct worker_job *job, int result)
{
	struct keying *k = container_of(job, struct keying, job);
	struct slot *slot = k->slot;
	if (slot != NULL) {
		slot->keying = NULL;
		int err = result < 0 ? result : usm_derive_end(slot->peer->usm, &k->derived);
		if (err < 0 && err != ERR_STOPPED)
			snmp_client_fail_soon(slot, err);
		else
			go_on(slot);
	}
	crypto_wipe(k, sizeof *k);
	free(k);
}

static int begin_keying(struct slot *slot)
{
	struct keying *k = calloc(1, sizeof *k);
	if (k == NULL)
		return -ENOMEM;
	k->slot = slot;
	k->job = (struct worker_job){.work = on_keying, .on_done = on_keyed};
	usm_derive_begin(&k->derived, slot->peer->usm);
	slot->keying = k;
	slot->state = SLOT_KEYING;
	worker_submit(slot->client->options.workers, WORKER_HASH, &k->job);
	return 0;
}

static int build(struct slot *slot)
{
	struct snmp_client *s = slot->client;
	struct usm_peer *p = slot->peer->usm;
	int n;
	slot->level = usm_level(p->user);
	if (p->engine.id_len == 0 || p->must_probe) {
		slot->state = SLOT_PROBING;
		s->counters.probes++;
		n = snmp3_encode_probe(
			slot->request, sizeof slot->request, slot->id, slot->request_id);
	} else if (s->options.workers != NULL && usm_keys_are_slow(p->user) &&
		   !usm_keys_are_good(p)) {
		return begin_keying(slot);
	} else {
		slot->state = SLOT_ASKING;
		n = usm_keys_make(p);
		if (n < 0)
			return n;
		struct usm_about a = about(slot, slot->id);
		n = usm_write(p, slot->request, sizeof slot->request, &a, &slot->pdu);
	}
	if (n < 0)
		return n == ERR_FULL ? ERR_LIMIT : n; /* not the window: the message is too long */
	slot->request_len = (uint16_t)n;
	return 0;
}

int snmp_client_v3_begin(struct slot *slot)
{
	if (slot->v3 == NULL) {
		slot->v3 = slab_take(&slot->client->slab_v3);
		if (slot->v3 == NULL)
			return ERR_FULL;
		slot->v3->check = (struct udp_send){0};
	}
	int n = snmp_question_list(
		slot->v3->list, sizeof slot->v3->list, slot->question, &slot->pdu);
	return n == ERR_FULL ? ERR_LIMIT : n < 0 ? n : build(slot);
}

/* Forgets an earlier check; it was one after silence, and its answer would have ended the matter.
 */
static void drop_check(struct slot *slot)
{
	if (slot->check_id != 0)
		snmp_client_id_remove(slot->client, slot->check_id);
	slot->check_id = 0;
	if (slot->v3 != NULL)
		udp_unsend(&slot->v3->check);
}

static enum slot_check next_check(const struct slot *slot)
{
	if (slot->check < CHECK_CONTEXT && slot->peer->usm->context_len > 0)
		return CHECK_CONTEXT;
	bool is_private = (slot->level & SNMP3_FLAG_PRIV) != 0;
	return slot->check < CHECK_PRIVACY && is_private ? CHECK_PRIVACY : CHECK_NONE;
}

/* A printer that cannot decrypt says nothing (net-snmp: a parse error, dropped), one that does not
 * know the context often neither (net-snmp again), and so does one that is off. Told apart by one
 * more message when two tries, or all, met silence: sysUpTime in the context that every printer
 * has, or with the authentication only. A signed answer of any kind means that just this does not
 * fit. Not for a printer that answered with these keys before: a slow one is not asked twice. */
bool snmp_client_v3_check(struct slot *slot)
{
	static const uint8_t sys_uptime[] = {
		0x30, 0x0c, 0x06, 0x08, 0x2b, 6, 1, 2, 1, 1, 3, 0, 0x05, 0x00};
	static const struct snmp_pdu_out get = {
		.pdu = SNMP_GET, .list = sys_uptime, .list_len = sizeof sys_uptime};
	struct usm_peer *p = slot->peer->usm;
	enum slot_check check = next_check(slot);
	bool is_time = slot->tries >= TRIES_BEFORE_CHECK || slot->tries >= slot->max_tries;
	if (slot->state != SLOT_ASKING || !is_time || check == CHECK_NONE || slot->level == 0 ||
		slot->trouble != USM_TROUBLE_NONE || !usm_keys_are_good(p) ||
		(p->has_worked && !p->was_silent))
		return false;
	drop_check(slot);
	slot->check = (uint8_t)check;
	uint32_t id;
	if (snmp_client_id_draw(slot->client, false, &id) < 0)
		return false; /* then it is only silence */
	struct usm_about a = about(slot, id);
	a.has_no_context = true;
	a.is_plain = check == CHECK_PRIVACY;
	int n = usm_write(p, slot->v3->check_bytes, sizeof slot->v3->check_bytes, &a, &get);
	if (n < 0 || snmp_client_queue_more(
			     slot, &slot->v3->check, slot->v3->check_bytes, (size_t)n) < 0)
		return false;
	slot->check_id = id;
	snmp_client_id_insert(slot->client, id, slot);
	return true;
}

/* ---- in --------------------------------------------------------------------------------- */

/* Why it will not be answered, as it seems: that alone ends nothing. One resend is left, and time
 * for the true answer to come; but not all the time there is, if these keys never worked, or if the
 * word is authentic. Where they did work, a stranger's word does not even shorten the wait. */
static void hint(struct slot *slot, enum usm_trouble trouble, bool is_sure)
{
	const struct usm_peer *p = slot->peer->usm;
	uint64_t grace_ms = 2 * (uint64_t)slot->rto_ms;
	if (slot->is_sure && !is_sure)
		return;
	if (slot->trouble == USM_TROUBLE_NONE && slot->tries + 1 < slot->max_tries)
		slot->max_tries = (uint8_t)(slot->tries + 1);
	slot->trouble = (uint8_t)trouble;
	slot->is_sure = is_sure;
	if (grace_ms < LIMIT_SNMP_HINT_MS)
		grace_ms = LIMIT_SNMP_HINT_MS;
	if (is_sure || !p->has_worked || p->trouble != USM_TROUBLE_NONE)
		snmp_client_end_by(slot, loop_now_ms(slot->client->loop) + grace_ms);
}

/* An authentic word says that the keys fit: what hinted otherwise was nobody's. */
static void drop_hint(struct slot *slot)
{
	slot->trouble = USM_TROUBLE_NONE;
	slot->is_sure = false;
	slot->max_tries = (uint8_t)slot->client->options.tries;
	slot->deadline_ms = slot->last_ms;
}

/* The answer to a probe. What it says of the clock is nobody's word: it is only where we begin. */
static uint64_t *take_probed(struct slot *slot)
{
	struct snmp_client *s = slot->client;
	struct usm_peer *p = slot->peer->usm;
	struct snmp3_msg head;
	int err = snmp3_parse_probed(&head, s->bytes, s->bytes_len);
	if (err < 0)
		return err == ERR_TYPE ? &s->counters.stray_type : &s->counters.malformed;
	if (slot->tries == 1)
		snmp_client_learn_rtt(
			s, slot->peer, (uint32_t)(loop_now_ms(s->loop) - slot->first_sent_ms));
	usm_engine_probed(p, &head, loop_now_ms(s->loop));
	go_on(slot);
	return &s->counters.reports;
}

static bool is_pinned(const struct slot *slot, const uint8_t *id, size_t len)
{
	const struct usm_engine *e = &slot->peer->usm->engine;
	return len == e->id_len && memcmp(id, e->id, len) == 0;
}

/* A REPORT that nobody signed. */
static uint64_t *take_hint(struct slot *slot, const struct snmp3_msg *m)
{
	struct snmp_client *s = slot->client;
	struct usm_peer *p = slot->peer->usm;
	enum usm_trouble trouble = snmp3_report(s->varbinds, s->msg.varbinds);
	hint(slot, trouble, false);
	/* Where a new engine is accepted, an authentic response says so, not this. */
	if (s->options.refuses_new_engine && trouble == USM_TROUBLE_ENGINE &&
		m->engine_id_len > 0 && !p->is_engine_changed &&
		!is_pinned(slot, m->engine_id, m->engine_id_len)) {
		p->is_engine_changed = true;
		s->counters.engine_changes++;
	}
	return &s->counters.reports;
}

/* An authentic word that the clocks differ: once a question it sets ours. */
static void take_clock(struct slot *slot, const struct snmp3_msg *m)
{
	struct snmp_client *s = slot->client;
	if (slot->is_resynced) {
		hint(slot, USM_TROUBLE_WINDOW, true);
		return;
	}
	slot->is_resynced = true;
	s->counters.resyncs++;
	drop_hint(slot);
	usm_clock_set(slot->peer->usm, m->boots, m->time, true, loop_now_ms(s->loop));
	go_on(slot);
}

static uint64_t *judge_scope(struct slot *slot, const struct snmp3_scope *scope)
{
	struct snmp_client *s = slot->client;
	struct snmp_client_counters *c = &s->counters;
	const struct usm_peer *p = slot->peer->usm;
	if (s->msg.pdu != SNMP_RESPONSE)
		return &c->stray_type;
	if (s->msg.request_id != slot->request_id)
		return &c->stray_id;
	if (!is_pinned(slot, scope->engine_id, scope->engine_id_len) ||
		scope->context_len != p->context_len ||
		(p->context_len > 0 && memcmp(scope->context, p->context, p->context_len) != 0))
		return &c->stray_context;
	return snmp_client_names_fit(slot) ? NULL : &c->stray_oid;
}

static int parse_scoped(struct slot *slot, struct snmp3_scope *scope, const uint8_t *bytes,
	size_t len, size_t padding)
{
	struct snmp_client *s = slot->client;
	return snmp3_parse_scoped(scope, &s->msg, s->varbinds, LIMIT_VARBINDS, bytes, len, padding);
}

/* Without a signature: the answer to a user who has none, or a REPORT. */
static uint64_t *judge_unsigned(struct slot *slot, const struct snmp3_msg *m)
{
	struct snmp_client *s = slot->client;
	struct snmp3_scope scope;
	const struct usm_user *u = slot->peer->usm->user;
	if (parse_scoped(slot, &scope, m->data, m->data_len, 0) < 0)
		return &s->counters.malformed;
	if (s->msg.pdu == SNMP_REPORT)
		return take_hint(slot, m);
	if (slot->level != 0)
		return &s->counters.stray_level;
	if (!is_pinned(slot, m->engine_id, m->engine_id_len))
		return &s->counters.stray_engine;
	if (m->user_len != u->name_len || memcmp(m->user, u->name, m->user_len) != 0)
		return &s->counters.stray_user;
	return judge_scope(slot, &scope);
}

/* Signed, and the signature is right: into msg and varbinds. NULL, or the counter. */
static uint64_t *open_signed(
	struct slot *slot, const struct snmp3_msg *m, struct snmp3_scope *ret_scope)
{
	struct snmp_client *s = slot->client;
	struct snmp_client_counters *c = &s->counters;
	const uint8_t *plain = m->data;
	bool is_private = (m->flags & SNMP3_FLAG_PRIV) != 0;
	if (is_private) {
		plain = s->plain;
		if (usm_decrypt(slot->peer->usm, m, s->plain) < 0)
			return &c->stray_cipher;
	}
	/* A few agents pad whatever the cipher. */
	size_t padding = is_private ? 2 * SNMP3_PADDING : 0;
	if (parse_scoped(slot, ret_scope, plain, m->data_len, padding) >= 0)
		return NULL;
	if (!is_private)
		return &c->malformed;
	hint(slot, USM_TROUBLE_CIPHER, true);
	return &c->stray_cipher;
}

/* Is it the answer? */
static uint64_t *judge_signed(struct slot *slot, const struct snmp3_msg *m)
{
	struct snmp_client *s = slot->client;
	struct snmp_client_counters *c = &s->counters;
	struct usm_peer *p = slot->peer->usm;
	struct snmp3_scope scope;
	uint64_t now = loop_now_ms(s->loop);
	uint64_t *cause = open_signed(slot, m, &scope);
	if (cause != NULL)
		return cause;
	enum usm_trouble trouble = s->msg.pdu == SNMP_REPORT
					   ? snmp3_report(s->varbinds, s->msg.varbinds)
					   : USM_TROUBLE_NONE;
	if (trouble == USM_TROUBLE_WINDOW) {
		take_clock(slot, m);
		return &c->reports;
	}
	if (m->msg_id == slot->check_id)
		trouble = slot->check == CHECK_CONTEXT ? USM_TROUBLE_CONTEXT : USM_TROUBLE_CIPHER;
	if (trouble != USM_TROUBLE_NONE) {
		hint(slot, trouble, true);
		return &c->reports;
	}
	if ((m->flags & LEVEL) != slot->level)
		return &c->stray_level;
	cause = judge_scope(slot, &scope);
	if (cause != NULL)
		return cause;
	if (!usm_clock_is_within(&p->engine, m->boots, m->time, now)) {
		take_clock(slot, m);
		return &c->stray_window;
	}
	usm_clock_follow(p, m->boots, m->time, now);
	return NULL;
}

uint64_t *snmp_client_v3_judge(struct slot *slot)
{
	struct snmp_client *s = slot->client;
	struct snmp_client_counters *c = &s->counters;
	struct usm_peer *p = slot->peer->usm;
	struct snmp3_msg m;
	int err = snmp3_parse_head(&m, s->bytes, s->bytes_len);
	if (err < 0)
		return err == ERR_VERSION || err == ERR_TYPE ? &c->stray_version : &c->malformed;
	if (slot->state == SLOT_PROBING)
		return take_probed(slot);
	if (slot->state == SLOT_KEYING)
		return &c->stray_id;
	if ((m.flags & SNMP3_FLAG_AUTH) == 0)
		return judge_unsigned(slot, &m);
	if ((m.flags & LEVEL & ~slot->level) != 0)
		return &c->stray_level;
	if (!is_pinned(slot, m.engine_id, m.engine_id_len))
		return &c->stray_engine;
	if (m.user_len != p->user->name_len || memcmp(m.user, p->user->name, m.user_len) != 0)
		return &c->stray_user;
	if (usm_verify(p, &m, s->bytes, s->bytes_len) < 0)
		return &c->stray_digest;
	return judge_signed(slot, &m);
}

bool snmp_client_v3_is_authentic(const struct slot *slot)
{
	const struct snmp_client *s = slot->client;
	struct snmp3_msg m;
	return slot->version == SNMP_V3 && slot->state == SLOT_ASKING &&
	       snmp3_parse_head(&m, s->bytes, s->bytes_len) == 0 &&
	       (m.flags & SNMP3_FLAG_AUTH) != 0 &&
	       usm_verify(slot->peer->usm, &m, s->bytes, s->bytes_len) == 0;
}

/* ---- the end ---------------------------------------------------------------------------- */

int snmp_client_v3_end(struct slot *slot)
{
	static const int errors[] = {[USM_TROUBLE_NONE] = ERR_SNMP_TIMEOUT,
		[USM_TROUBLE_LEVEL] = ERR_SNMP_LEVEL,
		[USM_TROUBLE_WINDOW] = ERR_SNMP_WINDOW,
		[USM_TROUBLE_USER] = ERR_SNMP_USER,
		[USM_TROUBLE_ENGINE] = ERR_SNMP_ENGINE,
		[USM_TROUBLE_DIGEST] = ERR_SNMP_DIGEST,
		[USM_TROUBLE_CIPHER] = ERR_SNMP_CIPHER,
		[USM_TROUBLE_CONTEXT] = ERR_SNMP_CONTEXT,
		[USM_TROUBLE_OTHER] = ERR_SNMP_BAD};
	struct usm_peer *p = slot->peer->usm;
	p->trouble = slot->trouble;
	p->was_silent = slot->trouble == USM_TROUBLE_NONE;
	usm_engine_restore(p);
	/* The next request looks; the pinned engine stays until another one has answered. */
	p->must_probe =
		slot->trouble == USM_TROUBLE_ENGINE && !slot->client->options.refuses_new_engine;
	return errors[slot->trouble];
}

void snmp_client_v3_release(struct slot *slot)
{
	if (slot->keying != NULL)
		slot->keying->slot = NULL;
	slot->keying = NULL;
	drop_check(slot);
}
