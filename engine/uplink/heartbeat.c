/* SPDX-License-Identifier: Apache-2.0
 * Heartbeats (proto/wire/heartbeat.h): between syncs, at the agent's own minute of each interval,
 * one request over a connection of its own. It is a run as a sync is, without records; a sync that
 * is under way at that time takes its place. A failure is not repeated before the next interval, is
 * logged and audited once until it ends, and changes nothing in the spool. 401 and 403 count as
 * those of a sync. After 404, 405 or 415, of an older hub, none is sent to it. */
#include "engine/uplink/uplink_internal.h"

#include "proto/wire/heartbeat.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* ---- the schedule ---- */

/* Heartbeats need the hub's pinned key, which comes with the first receipt. */
static bool may_send(const struct uplink *u)
{
	int err = u->status.last_err;
	return u->state == UPLINK_IDLE && !u->is_closing && !u->is_off && !u->has_no_heartbeat &&
	       u->hub_key.len > 0 && !u->hub_key.is_damaged && err != ERR_AUTH &&
	       err != ERR_FORBIDDEN;
}

static void arm(struct uplink *u)
{
	uint64_t now = loop_wall_ms(u->loop);
	uint64_t wait = u->heartbeat_next_ms > now ? u->heartbeat_next_ms - now : 0;
	if (u->is_closing || u->is_off || u->o.heartbeat_ms == 0 || u->o.is_on_request) {
		loop_due_clear(u->loop, &u->heartbeat_due);
		return;
	}
	if (wait > u->o.look_ms)
		wait = u->o.look_ms;
	int err = loop_due_set(u->loop, &u->heartbeat_due, loop_now_ms(u->loop) + wait);
	if (err < 0)
		log_line(LOG_ERROR, "uplink", "err=%s what=\"no room for the heartbeat's time\"",
			err_text(err));
}

static void find_next(struct uplink *u)
{
	if (u->o.heartbeat_ms > 0)
		u->heartbeat_next_ms =
			schedule_next_ms(&u->heartbeat_schedule, loop_wall_ms(u->loop), 0);
	arm(u);
}

static void on_due(struct due *due)
{
	struct uplink *u = container_of(due, struct uplink, heartbeat_due);
	uint64_t now = loop_wall_ms(u->loop);
	bool is_due = now >= u->heartbeat_next_ms;
	bool is_set_back = !is_due && u->heartbeat_next_ms - now > u->o.heartbeat_ms;
	if (!is_due && !is_set_back) {
		arm(u);
		return;
	}
	find_next(u);
	if (is_due && may_send(u))
		heartbeat_start(u);
}

void heartbeat_open(struct uplink *u)
{
	due_init(&u->heartbeat_due, on_due);
	schedule_open(&u->heartbeat_schedule, u->o.heartbeat_ms, NULL, spool_agent_id(u->spool),
		AGENT_ID_BYTES);
	find_next(u);
}

void heartbeat_arm(struct uplink *u)
{
	find_next(u);
}

void uplink_set_heartbeat(struct uplink *u, uint64_t interval_ms)
{
	if (u->o.heartbeat_ms == interval_ms || u->is_closing)
		return;
	u->o.heartbeat_ms = interval_ms;
	loop_due_clear(u->loop, &u->heartbeat_due);
	heartbeat_open(u);
}

/* ---- packing ---- */

/* On a pool thread, as pack_work in sync_batch.c. */
static int work(struct worker_job *job)
{
	struct uplink_sync *sync = container_of(job, struct uplink_sync, pack_job);
	const struct uplink *u = sync->uplink;
	struct upload *up = &sync->upload;
	up->key = u->o.key;
	up->key_id = u->key_id;
	up->raw = up->body = (const uint8_t *)"";
	up->raw_len = up->body_len = 0;
	policy_apply_heartbeat(&sync->policy, &sync->heartbeat);
	buf_clear(&sync->head_bytes);
	int err = heartbeat_pack(&sync->head_bytes, &sync->heartbeat);
	if (err < 0)
		return err;
	buf_clear(&sync->envelope);
	return upload_sign(up, UPLOAD_HEARTBEAT, &sync->head_bytes, &sync->envelope);
}

static void on_packed(struct worker_job *job, int result)
{
	struct uplink_sync *sync = container_of(job, struct uplink_sync, pack_job);
	struct uplink *u = sync->uplink;
	if (sync_is_stopped(u))
		return;
	if (result < 0)
		sync_fail(u, result, "the heartbeat cannot be packed");
	else
		post_start(u);
}

/* The wall clock in milliseconds, or one more than the last one where the clock was set back. */
static uint64_t next_number(const struct uplink *u, uint64_t now_ms)
{
	uint64_t last = u->status.heartbeat_number;
	return now_ms > last ? now_ms : last + 1;
}

static struct text cut(const char *text, size_t max)
{
	struct text t = text_of(text);
	return t.len > max ? (struct text){t.p, max} : t;
}

void heartbeat_pack_start(struct uplink *u)
{
	struct uplink_sync *sync = u->sync;
	struct heartbeat *h = &sync->heartbeat;
	struct spool_counts c;
	spool_counts(u->spool, &c);
	uint64_t now_ms = loop_wall_ms(u->loop);
	*h = (struct heartbeat){.epoch = spool_epoch(u->spool),
		.number = next_number(u, now_ms),
		.sent_at_ms = now_ms,
		.minor = ENVELOPE_MINOR,
		.software = cut(u->o.software, LIMIT_HEARTBEAT_SOFTWARE),
		.interval_s = (uint32_t)((u->o.heartbeat_ms + 999) / 1000),
		.receipted = c.receipted_upto,
		.pending = c.pending,
		.pending_bytes = c.pending_bytes,
		.quarantined = c.balance.quarantined,
		.last_sync_ms = u->status.last_success_ms,
		.next_sync_ms = u->when.next_ms};
	for (unsigned i = 0; i < SPOOL_CLASSES; i++)
		h->dropped += c.balance.dropped[i];
	memcpy(h->agent_id, spool_agent_id(u->spool), AGENT_ID_BYTES);
	u->status.heartbeat_number = h->number;
	if (u->events.on_heartbeat != NULL)
		u->events.on_heartbeat(u->owner, h);
	sync->policy = u->policy;
	u->state = UPLINK_PACKING;
	worker_start(u->workers, WORKER_READ, &sync->pack_job, work, on_packed);
}

void heartbeat_start(struct uplink *u)
{
	struct uplink_sync *sync = sync_new(u);
	if (sync == NULL) {
		log_line(LOG_ERROR, "uplink", "err=%s what=\"no heartbeat is sent\"",
			err_text(-ENOMEM));
		return;
	}
	sync->message = MESSAGE_HEARTBEAT;
	heartbeat_pack_start(u);
}

/* ---- the response ---- */

static int verify(struct uplink *u, struct heartbeat_response *r, const char **why)
{
	struct uplink_sync *sync = u->sync;
	struct envelope e;
	uint8_t id[CRYPTO_KEY_ID], digest[DIGEST_BYTES], bytes[HEARTBEAT_RESPONSE_SIGNED_BYTES];
	*why = "the response is none to a heartbeat: is this address a platen-hub?";
	if (!sync->is_receipt)
		return ERR_FORMAT;
	int err = receipt_envelope_unpack(&e, sync->response.data, sync->response.len);
	if (err == 0)
		err = heartbeat_response_unpack(r, e.head, e.head_len);
	if (err == 0)
		err = crypto_sha256(e.head, e.head_len, digest);
	if (err == 0)
		err = crypto_key_id(u->hub_key.der, u->hub_key.len, id);
	if (err < 0)
		return err;
	*why = "the response is signed by another key than the pinned one: a sync takes a rotated "
	       "one";
	if (memcmp(id, e.key_id, sizeof id) != 0)
		return ERR_KEY;
	*why = "the response's signature is wrong: it was changed on the way";
	if (e.alg != CRYPTO_ED25519 && e.alg != CRYPTO_P256)
		return ERR_VERSION;
	heartbeat_response_signed(bytes, digest);
	err = crypto_verify((enum crypto_alg)e.alg, u->hub_key.der, u->hub_key.len, bytes,
		sizeof bytes, e.signature, e.signature_len);
	if (err < 0)
		return err;
	*why = "the response is for another heartbeat";
	return crypto_is_equal(r->digest, sync->upload.digest, DIGEST_BYTES) ? 0 : ERR_SIGNATURE;
}

static void accepted(struct uplink *u)
{
	struct heartbeat_response r;
	const char *why;
	int err = verify(u, &r, &why);
	if (err < 0) {
		sync_end(u, err, why);
		return;
	}
	u->status.last_heartbeat_ms = loop_wall_ms(u->loop);
	u->status.has_skew = true;
	u->status.skew_ms = heartbeat_skew_ms(u->sync->heartbeat.sent_at_ms, r.received_at_ms);
	u->sync->work = r.work & HEARTBEAT_WORK;
	sync_end(u, 0, "");
}

bool heartbeat_responded(struct uplink *u)
{
	int status = u->sync->http_status;
	if (status == 200) {
		accepted(u);
		return true;
	}
	if (status != 404 && status != 405 && status != 415)
		return false;
	u->has_no_heartbeat = true;
	log_line(LOG_INFO, "uplink",
		"hub=%s:%u status=%d what=\"the hub is older and reads no heartbeats: none is sent "
		"until the next start\"",
		u->o.hub.host, u->o.hub.port, status);
	sync_end(u, 0, "");
	return true;
}

/* ---- the end ---- */

static void note_result(struct uplink *u, int err, const char *why)
{
	struct audit_entry e;
	char who[LIMIT_AUDIT_WHO];
	if (err == ERR_STOPPED || err == u->heartbeat_err)
		return;
	bool was_failing = u->heartbeat_err < 0;
	u->heartbeat_err = err;
	if (err < 0)
		log_line(LOG_WARN, "uplink", "hub=%s:%u err=%s why=\"%s\" what=\"heartbeats fail\"",
			u->o.hub.host, u->o.hub.port, err_text(err), why);
	else
		log_line(LOG_INFO, "uplink", "hub=%s:%u what=\"heartbeats arrive again\"",
			u->o.hub.host, u->o.hub.port);
	if (u->o.audit == NULL || (err < 0 && was_failing))
		return;
	uplink_account(u, who);
	audit_entry_set(&e, loop_wall_ms(u->loop), AUDIT_HEARTBEAT, who, err, "what=%s%s%s%s",
		err < 0 ? "failing" : "arriving-again", err < 0 ? " why=\"" : "",
		err < 0 ? why : "", err < 0 ? "\"" : "");
	audit_queue_add(u->o.audit, &e);
}

/* Work is a reason to sync if there is something to send, now and then. */
static bool is_sync_wanted(struct uplink *u, unsigned work)
{
	struct spool_counts c;
	uint64_t now = loop_now_ms(u->loop);
	spool_counts(u->spool, &c);
	if (work == 0 || c.pending == 0 ||
		(u->work_sync_ms != 0 && now - u->work_sync_ms < LIMIT_HEARTBEAT_SYNC_MS))
		return false;
	u->work_sync_ms = now;
	return true;
}

static void over(struct uplink *u)
{
	int err = u->sync->summary.err;
	unsigned work = u->sync->work;
	sync_free(u->sync);
	u->sync = NULL;
	/* After on_heartbeat_end the owner may have closed the uplink. */
	bool was_closing = u->is_closing, wants_sync = u->wants_sync;
	u->wants_sync = false;
	if (!was_closing && u->events.on_heartbeat_end != NULL)
		u->events.on_heartbeat_end(u->owner, err, work);
	if (!was_closing && !u->is_off && is_sync_wanted(u, work)) {
		log_line(LOG_INFO, "uplink", "hub=%s:%u work=%s what=\"the hub asks for a sync\"",
			u->o.hub.host, u->o.hub.port,
			(work & HEARTBEAT_HAS_LOST) != 0 ? "records-lost" : "full-state");
		wants_sync = true;
	}
	uplink_heartbeat_over(u, wants_sync);
}

static void write_status(struct uplink *u)
{
	status_write_start(u, over);
}

void heartbeat_end(struct uplink *u, int err, const char *why)
{
	struct uplink_sync *sync = u->sync;
	u->state = UPLINK_ENDING;
	sync->summary.err = err;
	note_result(u, err, why);
	post_drop(u, err == 0, write_status);
}
