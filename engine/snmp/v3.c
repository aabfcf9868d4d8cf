/* SPDX-License-Identifier: Apache-2.0
 * A request by SNMPv3: it waits for an engine (only if none is known), for keys (only if they take
 * long), for the response; and once more for that, when an authentic Report has set our clock for
 * the engine. Each message is a request of its own to the library, under a new msgID.
 *
 * An authentic message may set the clock backwards only as the response to an open msgID: 31 random
 * bits that the device signed together with its clock, so no recording of it can exist. */
#include "engine/snmp/client_internal.h"
#include "engine/loop/crypto.h"
#include "engine/snmp/usm_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct keying {
	struct worker_job job;
	struct usm_derived derived;
	struct slot *slot; /* NULL: the request has ended */
};

enum { TRIES_BEFORE_CHECK = 2 };

static int send_message(struct slot *slot);

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
	int err = snmp_inflight_draw(slot->client, false, &id);
	if (err < 0)
		return err;
	snmp_inflight_remove(slot->client, slot->id);
	slot->id = id;
	snmp_inflight_insert(slot->client, id, slot);
	return 0;
}

/* The next message of the request, by what is known of the engine now. */
static void send_next(struct slot *slot)
{
	int err = change_id(slot);
	if (err == 0) {
		snmp_client_restart_tries(slot);
		err = send_message(slot);
	}
	if (err < 0)
		snmp_client_fail_soon(slot, err);
	else
		snmp_client_await(slot);
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
			send_next(slot);
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
	slot->waiting = SNMP_WAITS_FOR_KEYS;
	worker_submit(slot->client->options.workers, WORKER_HASH, &k->job);
	return 0;
}

static int send_message(struct slot *slot)
{
	struct snmp_client *s = slot->client;
	struct usm_peer *p = slot->peer->usm;
	struct usm_about a = about(slot, slot->id);
	slot->level = usm_level(p->user);
	if (p->engine.id_len == 0 || p->must_probe) {
		slot->waiting = SNMP_WAITS_FOR_ENGINE;
		s->counters.probes++;
		return snmp_session_send(slot, NULL, &a, false);
	}
	if (s->options.workers != NULL && usm_keys_are_slow(p->user) && !usm_keys_are_good(p))
		return begin_keying(slot);
	slot->waiting = SNMP_WAITS_FOR_RESPONSE;
	int err = usm_keys_make(p);
	return err < 0 ? err : snmp_session_send(slot, &slot->v3->request, &a, false);
}

int snmp_v3_begin(struct slot *slot, const struct snmp_request *q)
{
	if (slot->v3 == NULL) {
		slot->v3 = slab_take(&slot->client->slab_v3);
		if (slot->v3 == NULL)
			return ERR_FULL;
		slot->v3->check = (struct udp_send){0};
	}
	memcpy(&slot->v3->request, q, offsetof(struct snmp_request, ber) + q->ber_len);
	for (uint16_t i = 0, at = 0; i < q->oids; at = (uint16_t)(at + q->oid_len[i++]))
		slot->name_at[i] = at;
	return send_message(slot);
}

/* Forgets an earlier check: it was one after silence, and its response would have ended that. */
static void drop_check(struct slot *slot)
{
	if (slot->check_id != 0)
		snmp_inflight_remove(slot->client, slot->check_id);
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

/* A device that cannot decrypt is silent (net-snmp: a parse error, dropped), one that does not know
 * the context often too (net-snmp again), and so is one that is off. After two tries, or all,
 * without a response one more message distinguishes the causes: sysUpTime in the default context,
 * or with authentication alone. An authentic response of any kind means that only the context or
 * the privacy is wrong. A device that has responded with these keys before gets no such message. */
bool snmp_v3_check(struct slot *slot)
{
	static const struct snmp_request get = {.pdu = SNMP_GET,
		.oids = 1,
		.ber_len = 8,
		.oid_len = {8},
		.ber = {0x2b, 6, 1, 2, 1, 1, 3, 0}};
	struct usm_peer *p = slot->peer->usm;
	enum slot_check check = next_check(slot);
	bool is_time = slot->tries >= TRIES_BEFORE_CHECK || slot->tries >= slot->max_tries;
	if (slot->waiting != SNMP_WAITS_FOR_RESPONSE || !is_time || check == CHECK_NONE ||
		slot->level == 0 || slot->trouble != USM_TROUBLE_NONE || !usm_keys_are_good(p) ||
		(p->has_worked && !p->was_silent))
		return false;
	drop_check(slot);
	slot->check = (uint8_t)check;
	uint32_t id;
	if (snmp_inflight_draw(slot->client, false, &id) < 0)
		return false; /* then it stays silence */
	struct usm_about a = about(slot, id);
	a.has_no_context = true;
	a.is_plain = check == CHECK_PRIVACY;
	if (snmp_session_send(slot, &get, &a, true) < 0)
		return false;
	slot->check_id = id;
	snmp_inflight_insert(slot->client, id, slot);
	return true;
}

/* ---- in --------------------------------------------------------------------------------- */

struct usm_step usm_next_step(
	const struct snmp_received *r, enum slot_check check, bool is_resynced)
{
	enum usm_trouble said = usm_report_trouble(r->in.varbinds, r->in.count);
	switch (r->reason) {
	case SNMP_ACCEPTED:
		return (struct usm_step){.action = USM_DONE};
	case SNMP_PROBED:
		return (struct usm_step){.action = USM_SEND};
	case SNMP_UNAUTHENTICATED_REPORT:
		return (struct usm_step){.trouble = said};
	case SNMP_REPORT_OF_CLOCK:
	case SNMP_OUT_OF_WINDOW:
		if (is_resynced) /* once for each request */
			return (struct usm_step){.trouble = USM_TROUBLE_WINDOW, .is_sure = true};
		return (struct usm_step){.action = USM_RESEND, .is_sure = true};
	case SNMP_REPORT_OF_ERROR:
		if (r->in.pdu != SNMP_REPORT || check != CHECK_NONE)
			said = check == CHECK_CONTEXT ? USM_TROUBLE_CONTEXT : USM_TROUBLE_CIPHER;
		return (struct usm_step){.trouble = said, .is_sure = true};
	case SNMP_GARBLED:
		return (struct usm_step){.trouble = USM_TROUBLE_CIPHER, .is_sure = true};
	default:
		return (struct usm_step){.action = USM_WAIT};
	}
}

/* Names the error of a timeout; that alone ends nothing. If these keys never worked, or if the
 * message is authentic, one resend and a part of the time are left for the true response. Where
 * they did work, an unauthenticated message takes neither a resend nor time. */
static void note_trouble(struct slot *slot, enum usm_trouble trouble, bool is_sure)
{
	const struct usm_peer *p = slot->peer->usm;
	uint64_t grace_ms = 2 * (uint64_t)slot->rto_ms;
	bool is_likely = is_sure || !p->has_worked || p->trouble != USM_TROUBLE_NONE;
	if (slot->is_sure && !is_sure)
		return;
	if (is_likely && slot->trouble == USM_TROUBLE_NONE && slot->tries + 1 < slot->max_tries)
		slot->max_tries = (uint8_t)(slot->tries + 1);
	slot->trouble = (uint8_t)trouble;
	slot->is_sure = is_sure;
	if (grace_ms < LIMIT_SNMP_REPORT_WAIT_MS)
		grace_ms = LIMIT_SNMP_REPORT_WAIT_MS;
	if (is_likely)
		snmp_client_end_by(slot, loop_now_ms(slot->client->loop) + grace_ms);
}

/* An authentic message says that the keys fit: what said otherwise was forged. */
static void drop_trouble(struct slot *slot)
{
	slot->trouble = USM_TROUBLE_NONE;
	slot->is_sure = false;
	slot->max_tries = (uint8_t)slot->client->options.tries;
	slot->deadline_ms = slot->last_ms;
}

/* The engine of a probe's response. None of it is authentic: engine and clock are only tried, and
 * its time is no round-trip time. */
static void use_probed(struct slot *slot, const struct snmp_received *r)
{
	usm_engine_probed(slot->peer->usm, &r->in.usm, loop_now_ms(slot->client->loop));
	send_next(slot);
}

bool snmp_v3_received(struct slot *slot, const struct snmp_received *r)
{
	struct snmp_client *s = slot->client;
	struct usm_peer *p = slot->peer->usm;
	const struct usm_message *m = &r->in.usm;
	bool is_check = slot->check_id != 0 && m->msg_id == slot->check_id;
	struct usm_step step = usm_next_step(
		r, is_check ? (enum slot_check)slot->check : CHECK_NONE, slot->is_resynced);
	uint64_t now = loop_now_ms(s->loop);
	switch (step.action) {
	case USM_DONE:
		if (r->in.is_authentic)
			usm_clock_follow(p, m->boots, m->time, now);
		return true;
	case USM_SEND:
		use_probed(slot, r);
		return false;
	case USM_RESEND:
		slot->is_resynced = true;
		s->counters.resyncs++;
		drop_trouble(slot);
		usm_clock_set(p, m->boots, m->time, true, now);
		send_next(slot);
		return false;
	case USM_WAIT:
		break;
	}
	if (step.trouble != USM_TROUBLE_NONE)
		note_trouble(slot, step.trouble, step.is_sure);
	if (r->reason == SNMP_UNAUTHENTICATED_REPORT && step.trouble == USM_TROUBLE_ENGINE)
		slot->is_other_engine = m->engine_id_len > 0 &&
					!usm_engine_is(&p->engine, m->engine_id, m->engine_id_len);
	return false;
}

/* The deadline of a request to which only Reports of another engine came: it goes on once more with
 * a probe. The pinned engine stays until another one has responded with valid keys. */
bool snmp_v3_probe_again(struct slot *slot)
{
	const struct snmp_client_options *o = &slot->client->options;
	struct usm_peer *p = slot->peer->usm;
	if (slot->trouble != USM_TROUBLE_ENGINE || slot->is_probed_again || o->refuses_new_engine)
		return false;
	slot->is_probed_again = true;
	slot->last_ms = loop_now_ms(slot->client->loop) + o->deadline_ms;
	drop_trouble(slot);
	drop_check(slot);
	p->must_probe = true;
	send_next(slot);
	return true;
}

/* ---- the end ---------------------------------------------------------------------------- */

int snmp_v3_end(struct slot *slot)
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
	/* A Report alone is not authentic: only a request that it left without a response counts.
	 */
	if (slot->client->options.refuses_new_engine && slot->trouble == USM_TROUBLE_ENGINE &&
		slot->is_other_engine && !p->is_engine_changed) {
		p->is_engine_changed = true;
		slot->client->counters.engine_changes++;
	}
	p->must_probe = false;
	return errors[slot->trouble];
}

void snmp_v3_release(struct slot *slot)
{
	if (slot->keying != NULL)
		slot->keying->slot = NULL;
	slot->keying = NULL;
	drop_check(slot);
}
