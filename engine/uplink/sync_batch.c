/* SPDX-License-Identifier: Apache-2.0
 * The part of a run that is done off the loop. Packing (WORKER_READ): compress, digest, sign, and
 * put the envelope together, once; every try sends the same bytes. Settling (WORKER_DISK): pin the
 * hub's key, keep the receipt and what was rejected, then let the spool forget. */
#include "engine/uplink/filter.h"
#include "engine/uplink/last_upload.h"
#include "engine/uplink/uplink_internal.h"
#include "proto/wire/pack.h"

#include <stdio.h>
#include <string.h>

/* ---- packing ---- */
/* The site information, if it has changed or the last one is old. On a pool thread. */
static void add_site(struct uplink_sync *sync)
{
	const struct uplink *u = sync->uplink;
	struct site_facts *f = &sync->site;
	sync->has_site = false;
	if (!sync->wants_site)
		return;
	site_collect(f, u->o.state_dir, sync->peer, sync->peer_port, sync->head.agent_id,
		sync->policy.is_corporate);
	sync->site_digest = site_digest(f, sync->policy.id);
	uint64_t age_ms = sync->head.sent_at_ms - u->site_sent.at_ms;
	if (sync->site_digest == u->site_sent.digest && age_ms < UPLINK_SITE_AGAIN_MS)
		return;
	site_link(f);
	sync->head.info = f->info;
	sync->has_site = true;
}

/* On a pool thread: touches the run's batch part and what never changes of the uplink. */
static int pack_work(struct worker_job *job)
{
	struct uplink_sync *sync = container_of(job, struct uplink_sync, pack_job);
	const struct uplink *u = sync->uplink;
	struct upload *up = &sync->upload;
	up->key = u->o.key;
	up->key_id = u->key_id;
	int err = batch_filter(&sync->policy, &sync->batch.body);
	if (err < 0)
		return err;
	up->raw = sync->batch.body.data;
	up->raw_len = sync->batch.body.len;
	sync->head.body_raw_len = (uint32_t)up->raw_len;
	err = upload_compress(up);
	if (err < 0)
		return err;
	sync->head.body_encoding = up->body_encoding;
	add_site(sync);
	policy_apply_head(&sync->policy, &sync->head);
	buf_clear(&sync->head_bytes);
	err = batch_head_pack(&sync->head_bytes, &sync->head);
	if (err < 0)
		return err;
	buf_clear(&sync->envelope);
	err = upload_sign(up, UPLOAD_BATCH, &sync->head_bytes, &sync->envelope);
	buf_close(&up->compressed); /* its bytes are in the envelope now */
	return err;
}

static void on_packed(struct worker_job *job, int result)
{
	struct uplink_sync *sync = container_of(job, struct uplink_sync, pack_job);
	struct uplink *u = sync->uplink;
	if (result < 0) {
		buf_clear(&sync->envelope);
		sync_fail(u, result, "the batch cannot be packed");
		return;
	}
	sync->summary.open = (struct uplink_open_batch){
		.first = sync->head.first, .last = sync->head.last, .bytes = sync->envelope.len};
	memcpy(sync->summary.open.digest, sync->upload.digest, DIGEST_BYTES);
	if (sync->wants_site) {
		u->site_looked_at_ms = sync->head.sent_at_ms;
		memcpy(u->site.dns_name, sync->site.dns_name, sizeof u->site.dns_name);
	}
	sync_packed(u);
}

static bool looks_at_site(const struct uplink *u, uint64_t now_ms)
{
	return u->o.state_dir != NULL &&
	       (u->site_looked_at_ms == 0 || now_ms - u->site_looked_at_ms >= SITE_LOOK_MS);
}

/* All but the numbers of the records and the body. */
static void fill_head(const struct uplink *u, struct batch_head *head)
{
	struct spool_counts counts;
	spool_counts(u->spool, &counts);
	*head = (struct batch_head){.epoch = spool_epoch(u->spool),
		.sent_at_ms = loop_wall_ms(u->loop),
		.software = text_of(u->o.software),
		.polls_made = u->polls.made - u->polls_sent.made,
		.polls_unchanged = u->polls.unchanged - u->polls_sent.unchanged,
		.polls_failed = u->polls.failed - u->polls_sent.failed,
		.public_key = u->public_key,
		.public_key_len = u->public_key_len,
		.site = text_of(u->o.site),
		.devices = u->devices,
		.minor = ENVELOPE_MINOR,
		.receipted = counts.receipted_upto};
	if (u->o.audit != NULL) {
		head->ledger = audit_queue_newest(u->o.audit);
		head->ledger_len = DIGEST_BYTES;
	}
	for (unsigned i = 0; i < SPOOL_CLASSES; i++)
		head->dropped[i] = counts.balance.dropped[i] - counts.balance.dropped_told[i];
	memcpy(head->agent_id, spool_agent_id(u->spool), AGENT_ID_BYTES);
}

void uplink_next(struct uplink *u, struct uplink_next *ret)
{
	*ret = (struct uplink_next){.encodings = u->hub_encodings,
		.site_digest = u->site_sent.digest,
		.site_sent_ms = u->site_sent.at_ms};
	fill_head(u, &ret->head);
	ret->looks_at_site = looks_at_site(u, ret->head.sent_at_ms);
	site_link(&u->site);
	ret->head.info = u->site.info;
}

void batch_pack_start(struct uplink *u)
{
	struct uplink_sync *sync = u->sync;
	const struct spool_batch *b = &sync->batch;
	sync->polls = u->polls;
	sync->site = u->site;
	/* The first host on the way; the hub's settings may change while the worker runs. */
	const struct uplink_hub *hub = &u->o.hub;
	bool has_proxy = hub->proxy.host != NULL;
	(void)str_copy(sync->peer, sizeof sync->peer, has_proxy ? hub->proxy.host : hub->host);
	sync->peer_port = has_proxy ? hub->proxy.port : hub->port;
	sync->policy = u->policy;
	fill_head(u, &sync->head);
	sync->wants_site = sync->has_site || looks_at_site(u, sync->head.sent_at_ms);
	sync->head.first = b->first;
	sync->head.last = b->last;
	sync->head.count = (uint32_t)b->count;
	if (sync->head.ledger != NULL) { /* the queue's own may change meanwhile */
		memcpy(sync->ledger, sync->head.ledger, DIGEST_BYTES);
		sync->head.ledger = sync->ledger;
	}
	sync->upload.encodings = u->hub_encodings;
	worker_start(u->workers, WORKER_READ, &sync->pack_job, pack_work, on_packed);
}

/* ---- settling ---- */
/* A record of the batch by its number. */
static bool find_record(const struct uplink_sync *sync, uint64_t seq, struct record_head *head,
	struct record_span *record)
{
	const struct buf *body = &sync->batch.body;
	for (size_t at = 0; at < body->len; at += record->len) {
		struct record_span groups[GROUP_COUNT];
		int n = record_spans(head, groups, body->data + at, body->len - at);
		if (n < 0)
			return false;
		*record = (struct record_span){body->data + at, (size_t)n};
		if (head->seq == seq)
			return true;
	}
	return false;
}

/* Keeps one refused record where a person can find it. */
static int keep_rejected(struct uplink_sync *sync, uint64_t seq)
{
	struct record_head head;
	struct record_span record = {NULL, 0};
	char name[32];
	/* A number that we did not send is the hub's mistake and costs nothing. */
	if (!find_record(sync, seq, &head, &record) || record.len > VALUE_BYTES)
		return 0;
	(void)snprintf(name, sizeof name, "rejected.%u", (unsigned)(seq % REJECTED_KEPT));
	return spool_set_value(sync->uplink->spool, name, record.p, record.len);
}

/* As the receipt says. */
static unsigned hub_encodings(const struct uplink_sync *sync)
{
	uint32_t encodings = sync->receipt.encodings;
	return encodings < BODY_ZSTD             ? BODY_ZSTD
	       : encodings < BODY_ENCODING_COUNT ? encodings
						 : BODY_ENCODING_COUNT - 1;
}

/* All that the spool keeps of a receipt, in one commit. */
static int keep_receipt(const struct uplink_sync *sync)
{
	const struct uplink *u = sync->uplink;
	struct spool_value values[4];
	size_t count = 0;
	const uint8_t encodings = (uint8_t)hub_encodings(sync);
	const struct site_sent sent = {sync->site_digest, sync->head.sent_at_ms};
	/* With this batch. */
	const struct uplink_last_run run = {.batches = sync->summary.batches + 1,
		.records = sync->summary.records + sync->batch.count,
		.bytes = sync->summary.sent_bytes + sync->envelope.len};
	if (u->hub_encodings != encodings)
		values[count++] = (struct spool_value){UPLINK_ENCODINGS_VALUE, &encodings, 1};
	if (sync->response.len <= VALUE_BYTES)
		values[count++] = (struct spool_value){
			"last_receipt", sync->response.data, sync->response.len};
	if (sync->has_site)
		values[count++] = (struct spool_value){SITE_VALUE, &sent, sizeof sent};
	values[count++] = (struct spool_value){UPLINK_LAST_RUN_VALUE, &run, sizeof run};
	return spool_set_values(u->spool, values, count);
}

static int delete_work(struct worker_job *job)
{
	struct uplink_sync *sync = container_of(job, struct uplink_sync, delete_job);
	struct uplink *u = sync->uplink;
	if (!sync->has_receipt)
		return keep_rejected(sync, sync->batch.first);
	const struct receipt *r = &sync->receipt;
	(void)hub_key_text(sync->old_key, u->hub_key.der, u->hub_key.len);
	bool is_kept = sync->trust == HUB_KEY_PINNED && u->hub_key.is_twice;
	int err =
		is_kept ? 0 : hub_key_pin(&u->hub_key, u->spool, r->public_key, r->public_key_len);
	if (err == 0)
		err = keep_receipt(sync);
	if (err == 0 && u->o.state_dir != NULL)
		sync->last_upload_err = last_upload_put(
			u->o.state_dir, sync->summary.batches == 0, &sync->batch.body);
	struct receipt_list list = sync->receipt.rejected_list;
	struct receipt_rejected rejected;
	while (err == 0 && receipt_next_rejected(&list, &rejected) > 0)
		err = keep_rejected(sync, rejected.seq);
	return err < 0 ? err : audit_receipt(sync);
}

static void log_rejected(const struct uplink_sync *sync, uint64_t seq, struct text reason)
{
	struct record_head head;
	struct record_span record = {NULL, 0};
	if (!find_record(sync, seq, &head, &record))
		return;
	log_line(LOG_ERROR, "uplink",
		"what=\"record refused for good\" seq=%llu dev=%.*s why=%.*s bytes=%zu",
		(unsigned long long)seq, TEXT_ARG(head.device_key), TEXT_ARG(reason), record.len);
}

static void log_all_rejected(const struct uplink_sync *sync)
{
	struct receipt_list list = sync->receipt.rejected_list;
	struct receipt_rejected rejected;
	char reason[32];
	if (!sync->has_receipt) {
		(void)snprintf(reason, sizeof reason, "status %d", sync->http_status);
		log_rejected(sync, sync->batch.first, text_of(reason));
		return;
	}
	while (receipt_next_rejected(&list, &rejected) > 0)
		log_rejected(sync, rejected.seq, rejected.reason);
}

static void on_forgotten(struct spool_done *done, int err)
{
	struct uplink *u = done->owner;
	if (err < 0)
		sync_fail(u, err, "the spool cannot forget what was receipted");
	else
		sync_deleted(u);
}

static void log_key(struct uplink_sync *sync)
{
	const struct receipt *r = &sync->receipt;
	char now[HUB_KEY_TEXT];
	log_line(sync->trust == HUB_KEY_FIRST ? LOG_INFO : LOG_WARN, "uplink",
		"what=%s fingerprint=%s before=%s", hub_key_trust_name(sync->trust),
		hub_key_text(now, r->public_key, r->public_key_len), sync->old_key);
	sync->trust = HUB_KEY_PINNED;
}

/* The numbers of the sync's audit entry. */
static void note_receipted(struct uplink_summary *s, bool has_receipt)
{
	if (has_receipt) {
		s->first = s->first == 0 ? s->open.first : s->first;
		s->last = s->open.last;
	}
	s->open.last = 0;
}

static void on_delete_prepared(struct worker_job *job, int result)
{
	struct uplink_sync *sync = container_of(job, struct uplink_sync, delete_job);
	struct uplink *u = sync->uplink;
	if (result < 0) {
		sync_fail(u, result, "the receipt cannot be kept");
		return;
	}
	log_all_rejected(sync);
	for (size_t i = 0; i < sync->entry_count; i++)
		audit_queue_add(u->o.audit, &sync->entries[i]);
	sync->entry_count = 0;
	note_receipted(&sync->summary, sync->has_receipt);
	if (sync->has_receipt && sync->trust != HUB_KEY_PINNED)
		log_key(sync);
	if (sync->last_upload_err < 0)
		log_line(LOG_WARN, "uplink", "err=\"%s\" what=\"last-upload is not kept\"",
			err_text(sync->last_upload_err));
	if (sync->has_receipt && sync->has_site)
		u->site_sent = (struct site_sent){sync->site_digest, sync->head.sent_at_ms};
	if (sync->has_receipt)
		u->hub_encodings = hub_encodings(sync);
	sync->done.last = sync->has_receipt ? sync->receipt.last : sync->batch.last;
	sync->done.rejected = sync->has_receipt ? sync->receipt.rejected_count : sync->batch.count;
	sync->done.is_receipted = sync->has_receipt;
	for (unsigned i = 0; i < SPOOL_CLASSES; i++)
		sync->done.dropped_told[i] = sync->has_receipt ? sync->head.dropped[i] : 0;
	sync->done.owner = u;
	sync->done.on_done = on_forgotten;
	spool_done(u->spool, &sync->done);
}

void batch_delete_start(struct uplink *u)
{
	struct uplink_sync *sync = u->sync;
	u->state = UPLINK_DELETING;
	sync->receipted_at_ms = loop_wall_ms(u->loop);
	worker_start(u->workers, WORKER_DISK, &sync->delete_job, delete_work, on_delete_prepared);
}

/* ---- the status ---- */
static int status_work(struct worker_job *job)
{
	struct uplink_sync *sync = container_of(job, struct uplink_sync, status_job);
	struct uplink *u = sync->uplink;
	return spool_set_value(
		u->spool, UPLINK_STATUS_VALUE, u->status_bytes, (size_t)u->status_len);
}

static void on_status_written(struct worker_job *job, int result)
{
	struct uplink_sync *sync = container_of(job, struct uplink_sync, status_job);
	/* Only `platen status` of a stopped daemon misses it. */
	if (result < 0)
		log_line(LOG_WARN, "uplink", "err=%s what=\"status not kept\"", err_text(result));
	void (*then)(struct uplink *) = sync->then;
	sync->then = NULL;
	then(sync->uplink);
}

void status_write_start(struct uplink *u, void (*then)(struct uplink *u))
{
	struct uplink_sync *sync = u->sync;
	u->status_len = uplink_status_pack(&u->status, u->status_bytes);
	sync->then = then;
	worker_start(u->workers, WORKER_DISK, &sync->status_job, status_work, on_status_written);
}
