/* SPDX-License-Identifier: Apache-2.0
 * The connection to the hub: one POST at a time, over one connection as long as the hub keeps it.
 * Not one byte of a request exists before conn's on_open, which comes after the hub's certificate
 * and name were verified. */
#include "engine/uplink/uplink_internal.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *path, *type, *response_type;
} messages[] = {
	[MESSAGE_BATCH] = {BATCH_PATH, BATCH_MEDIA_TYPE, RECEIPT_MEDIA_TYPE},
	[MESSAGE_COVERAGE] = {COVERAGE_PATH, COVERAGE_MEDIA_TYPE, ""},
	[MESSAGE_HEARTBEAT] = {HEARTBEAT_PATH, HEARTBEAT_MEDIA_TYPE, HEARTBEAT_RESPONSE_MEDIA_TYPE},
};

/* ---- the response ---- */

/* Seconds, or a date (RFC 9110 section 10.2.3), which is compared with the hub's own clock if the
 * response has a Date. */
static uint64_t retry_after_ms(const struct http1_head *head, uint64_t now_ms)
{
	uint64_t at_ms, date_ms, seconds, wait_ms = 0;
	const char *text = head->retry_after;
	if (text[0] != '\0' && text[strspn(text, "0123456789")] == '\0') {
		bool is_short = str_to_u64(text, 0, LIMIT_RETRY_AFTER_MS / 1000, &seconds) == 0;
		return is_short ? seconds * 1000 : LIMIT_RETRY_AFTER_MS;
	}
	if (http1_read_date(text, &at_ms) < 0)
		return 0;
	if (http1_read_date(head->date, &date_ms) == 0)
		now_ms = date_ms;
	if (at_ms > now_ms)
		wait_ms = at_ms - now_ms;
	return wait_ms < LIMIT_RETRY_AFTER_MS ? wait_ms : LIMIT_RETRY_AFTER_MS;
}

static int on_head(void *owner, const struct http1_head *head)
{
	struct uplink_sync *sync = owner;
	sync->http_status = head->status;
	sync->is_keep_alive = head->is_keep_alive;
	sync->is_receipt = strcmp(head->content_type, messages[sync->message].response_type) == 0;
	sync->retry_after_ms = retry_after_ms(head, loop_wall_ms(sync->uplink->loop));
	(void)str_copy(sync->location, sizeof sync->location, head->location);
	return 0;
}

static int on_body(void *owner, const uint8_t *bytes, size_t len)
{
	struct uplink_sync *sync = owner;
	size_t at = strlen(sync->refusal);
	if (sync->http_status == 200)
		return buf_put(&sync->response, bytes, len);
	(void)str_scrub(sync->refusal + at, sizeof sync->refusal - at, bytes, len);
	return 0;
}

static int on_message_end(void *owner)
{
	(void)owner;
	return 0;
}

static const struct http1_events http_events = {on_head, on_body, on_message_end};

/* ---- the request ---- */
static int make_request(struct uplink *u)
{
	struct uplink_sync *sync = u->sync;
	char target[LIMIT_HTTP_TARGET];
	int n = snprintf(
		target, sizeof target, "%s%s", u->o.hub.path, messages[sync->message].path + 1);
	if (n < 0 || (size_t)n >= sizeof target)
		return ERR_FULL;
	struct http1_request request = {.method = HTTP1_POST,
		.target = target,
		.host = u->o.hub.host,
		.port = u->o.hub.port,
		.user = u->o.hub.user,
		.password = u->o.hub.password,
		.content_type = messages[sync->message].type,
		.content_length = sync->envelope.len};
	buf_clear(&sync->request);
	/* Once, so that growing leaves no copy of the password behind. */
	int err = buf_reserve(&sync->request, LIMIT_HTTP_HEAD);
	return err < 0 ? err : http1_put_request(&sync->request, &request);
}

static void send(struct uplink *u)
{
	struct uplink_sync *sync = u->sync;
	if (sync->policy.id != u->policy.id) {
		/* Packed under another policy: not these bytes. */
		if (sync->message == MESSAGE_HEARTBEAT)
			heartbeat_pack_start(u);
		else
			sync_peek(u);
		return;
	}
	u->state = UPLINK_SENDING;
	sync->is_envelope_begun = false;
	sync->is_sent = false;
	sync->has_response = false;
	sync->http_status = 0;
	sync->refusal[0] = '\0';
	buf_clear(&sync->response);
	http1_open(&sync->http, HTTP1_RESPONSES, sync->response.max, &http_events, sync);
	conn_set_deadline(u->conn, loop_now_ms(u->loop) + u->o.send_ms);
	int err = make_request(u);
	if (err == 0)
		err = conn_write(u->conn, sync->request.data, sync->request.len);
	if (err < 0)
		sync_fail(u, err, "the request cannot be sent");
}

/* ---- the connection ---- */
static void on_open(void *owner)
{
	struct uplink *u = owner;
	u->is_conn_open = true;
	hub_note_certificates(u);
	if (u->state == UPLINK_CONNECTING)
		send(u);
}

static void on_writable(void *owner)
{
	struct uplink *u = owner;
	struct uplink_sync *sync = u->sync;
	if (u->state != UPLINK_SENDING)
		return;
	if (sync->is_envelope_begun) {
		sync->is_sent = true;
		if (sync->has_response) {
			conn_set_deadline(u->conn, 0);
			sync_responded(u);
			return;
		}
		u->state = UPLINK_WAITING;
		conn_set_deadline(u->conn, loop_now_ms(u->loop) + u->o.receipt_ms);
		return;
	}
	sync->is_envelope_begun = true;
	crypto_wipe(sync->request.data, sync->request.cap);
	int err = conn_write(u->conn, sync->envelope.data, sync->envelope.len);
	if (err < 0)
		sync_fail(u, err, "the batch cannot be sent");
}

static void on_bytes(void *owner, const uint8_t *bytes, size_t len)
{
	struct uplink *u = owner;
	struct uplink_sync *sync = u->sync;
	if (u->state == UPLINK_PACKING || u->state == UPLINK_DELETING) {
		/* Bytes without a request: the next response could belong to another request. */
		u->is_conn_open = false;
		conn_abort(u->conn);
		return;
	}
	if (u->state != UPLINK_SENDING && u->state != UPLINK_WAITING)
		return; /* on its way to the end */
	if (sync->has_response) {
		sync->is_keep_alive = false;
		return;
	}
	int used = http1_feed(&sync->http, bytes, len);
	if (used < 0) {
		sync_fail(u, used, "the hub's response is not HTTP/1.1 as we accept it");
		return;
	}
	if (!http1_is_ended(&sync->http))
		return;
	/* Bytes behind the response: the connection cannot be used again. */
	if ((size_t)used != len)
		sync->is_keep_alive = false;
	/* A receipt can come before on_writable of our last bytes, and waits for it. Other
	 * responses do not: the hub may have stopped reading. */
	if (!sync->is_sent && sync->is_envelope_begun && sync->http_status == 200) {
		sync->has_response = true;
		return;
	}
	if (!sync->is_sent)
		sync->is_keep_alive = false;
	conn_set_deadline(u->conn, 0);
	sync_responded(u);
}

static void lost(struct uplink *u, int err, const char *why)
{
	struct uplink_sync *sync = u->sync;
	if (err == ERR_TIMEOUT && u->state == UPLINK_SENDING) {
		sync_too_slow(u, "the batch could not be sent in time");
		return;
	}
	if (err == ERR_TIMEOUT && u->state == UPLINK_WAITING)
		why = "the hub received the batch and sent no response in time";
	if (err == 0) {
		/* The end of the connection may be the end of the body. */
		/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): waiting is a run's state */
		if (sync->has_response ||
			(http1_finish(&sync->http) == 0 && http1_is_ended(&sync->http))) {
			sync->is_keep_alive = false;
			sync_responded(u);
			return;
		}
		err = ERR_CLOSED;
		why = "the hub closed the connection before its response";
	}
	sync_fail(u, err, why);
}

static void on_end(void *owner, int err, const char *text)
{
	struct uplink *u = owner;
	char why[LIMIT_WHY];
	(void)str_copy(why, sizeof why, text != NULL ? text : "");
	hub_explain(u, err, why, sizeof why);
	u->conn = NULL;
	u->is_conn_open = false;
	void (*then)(struct uplink *) = u->sync == NULL ? NULL : u->sync->then;
	if (then != NULL) {
		u->sync->then = NULL;
		then(u);
		return;
	}
	if (u->state == UPLINK_CONNECTING)
		sync_fail(u, err == 0 ? ERR_CLOSED : err, why);
	else if (u->state == UPLINK_SENDING || u->state == UPLINK_WAITING)
		lost(u, err, why);
	/* else nothing was under way on it; the next batch makes a new one */
}

static const struct conn_events conn_events = {on_open, on_bytes, on_writable, on_end};

void post_start(struct uplink *u)
{
	if (u->conn != NULL && u->is_conn_open && !u->has_next) {
		send(u);
		return;
	}
	u->state = UPLINK_CONNECTING;
	if (u->conn != NULL) {
		post_drop(u, false, post_start); /* once the old one has gone */
		return;
	}
	hub_use_next(u);
	struct conn_target target = {.host = u->o.hub.host,
		.port = u->o.hub.port,
		.tls = u->o.tls,
		.proxy = u->o.hub.proxy.host != NULL ? &u->o.hub.proxy : NULL,
		.connect_ms = LIMIT_CONNECT_MS};
	int err = conn_connect(&u->conn, u->loop, &target, &conn_events, u);
	if (err < 0) {
		u->conn = NULL;
		sync_fail(u, err, "no connection can be made");
	}
}

void post_drop(struct uplink *u, bool is_polite, void (*then)(struct uplink *u))
{
	if (u->conn == NULL) {
		then(u);
		return;
	}
	u->sync->then = then;
	if (is_polite)
		conn_close(u->conn);
	else
		conn_abort(u->conn);
}
