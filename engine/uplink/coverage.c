/* SPDX-License-Identifier: Apache-2.0
 * The end of a run: how each device was read, in a message of its own (proto/wire/coverage.h). No
 * failure of it is one of the run: all records are at the hub, and the next run sends it anew. */
#include "engine/uplink/uplink_internal.h"

#include <string.h>

static bool is_due(const struct uplink *u)
{
	uint64_t now = loop_now_ms(u->loop);
	if (u->events.on_coverage == NULL || u->has_no_coverage || u->hub_key.is_damaged)
		return false;
	return u->sync->summary.batches > 0 || u->coverage_at_ms == 0 ||
	       now - u->coverage_at_ms >= LIMIT_COVERAGE_EVERY_MS;
}

/* On a pool thread, as pack_work in sync_batch.c. */
static int work(struct worker_job *job)
{
	struct uplink_sync *sync = container_of(job, struct uplink_sync, pack_job);
	const struct uplink *u = sync->uplink;
	struct upload *up = &sync->upload;
	up->key = u->o.key;
	up->key_id = u->key_id;
	up->raw = sync->batch.body.data;
	up->raw_len = sync->batch.body.len;
	int err = upload_compress(up);
	if (err < 0)
		return err;
	sync->coverage.body_encoding = up->body_encoding;
	buf_clear(&sync->head_bytes);
	err = coverage_head_pack(&sync->head_bytes, &sync->coverage);
	if (err < 0)
		return err;
	buf_clear(&sync->envelope);
	err = upload_sign(up, UPLOAD_COVERAGE, &sync->head_bytes, &sync->envelope);
	buf_close(&up->compressed);
	return err;
}

static void on_packed(struct worker_job *job, int result)
{
	struct uplink_sync *sync = container_of(job, struct uplink_sync, pack_job);
	struct uplink *u = sync->uplink;
	if (sync_is_stopped(u))
		return;
	if (result < 0)
		coverage_failed(u, result, "it cannot be packed");
	else
		post_start(u);
}

bool coverage_start(struct uplink *u)
{
	struct uplink_sync *sync = u->sync;
	if (!is_due(u))
		return false;
	sync->coverage = (struct coverage_head){.epoch = spool_epoch(u->spool),
		.sent_at_ms = loop_wall_ms(u->loop),
		.public_key = u->public_key,
		.public_key_len = u->public_key_len,
		.minor = ENVELOPE_MINOR};
	memcpy(sync->coverage.agent_id, spool_agent_id(u->spool), AGENT_ID_BYTES);
	buf_clear(&sync->batch.body);
	u->events.on_coverage(u->owner, &u->policy, &sync->coverage, &sync->batch.body);
	if (sync->batch.body.len == 0)
		return false;
	u->coverage_at_ms = loop_now_ms(u->loop);
	sync->message = MESSAGE_COVERAGE;
	sync->policy = u->policy;
	sync->coverage.body_raw_len = (uint32_t)sync->batch.body.len;
	sync->upload.encodings = u->hub_encodings;
	worker_start(u->workers, WORKER_READ, &sync->pack_job, work, on_packed);
	return true;
}

void coverage_failed(struct uplink *u, int err, const char *why)
{
	bool is_closing = u->is_closing;
	log_line(LOG_INFO, "uplink", "hub=%s:%u err=%s why=\"%s\" what=\"coverage not sent\"",
		u->o.hub.host, u->o.hub.port, err_text(err), why);
	sync_end(u, is_closing ? ERR_STOPPED : 0, is_closing ? "the program is stopping" : "");
}

void coverage_responded(struct uplink *u)
{
	int status = u->sync->http_status;
	if (status == 404 || status == 405) {
		u->has_no_coverage = true;
		log_line(LOG_INFO, "uplink",
			"hub=%s:%u status=%d what=\"the hub is older and reads no coverage: none "
			"is sent until the next start\"",
			u->o.hub.host, u->o.hub.port, status);
	} else if (status != 200) {
		coverage_failed(u, ERR_HTTP_STATUS, http1_reason(status));
		return;
	}
	u->sync->is_coverage_accepted = status == 200;
	sync_end(u, 0, "");
}
