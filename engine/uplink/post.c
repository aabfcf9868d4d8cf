/* SPDX-License-Identifier: Apache-2.0
 * The connection to the hub: one POST at a time, over one connection as long as the hub keeps it.
 * Not one byte of a request exists before conn's on_open, which comes after the hub's certificate
 * and name were verified. */
#include "engine/uplink/internal.h"

#include <string.h>

/* A hub that says "come back in a week" is not believed. */
enum { RETRY_AFTER_MAX_S = 3600 };

/* ---- the answer ---- */
static int on_head(void *owner, const struct http1_head *head)
{
	struct uplink_run *run = owner;
	uint64_t seconds;
	run->http_status = head->status;
	run->is_keep_alive = head->is_keep_alive;
	run->is_receipt = strcmp(head->content_type, RECEIPT_MEDIA_TYPE) == 0;
	run->retry_after_ms = 0;
	/* The form with a date is not worth a parser: the back-off serves. */
	if (str_to_u64(head->retry_after, 0, RETRY_AFTER_MAX_S, &seconds) == 0)
		run->retry_after_ms = seconds * 1000;
	return 0;
}

static int on_body(void *owner, const uint8_t *bytes, size_t len)
{
	struct uplink_run *run = owner;
	return run->http_status == 200 ? buf_put(&run->reply, bytes, len) : 0;
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
	struct uplink_run *run = u->run;
	char target[LIMIT_HTTP_TARGET];
	struct buf b;
	buf_over(&b, target, sizeof target);
	int err = buf_printf(&b, "%sv1/batches", u->o.path);
	if (err < 0)
		return err;
	err = buf_put(&b, "", 1);
	if (err < 0)
		return err;
	struct http1_request request = {.method = HTTP1_POST,
		.target = target,
		.host = u->o.host,
		.port = u->o.port,
		.user = u->o.user,
		.password = u->o.password,
		.content_type = BATCH_MEDIA_TYPE,
		.content_length = run->envelope.len};
	buf_clear(&run->request);
	/* Once, so that growing leaves no copy of the password behind. */
	err = buf_reserve(&run->request, LIMIT_HTTP_HEAD);
	return err < 0 ? err : http1_put_request(&run->request, &request);
}

static void send(struct uplink *u)
{
	struct uplink_run *run = u->run;
	u->state = UPLINK_SENDING;
	run->is_envelope_begun = false;
	run->is_sent = false;
	run->is_answered = false;
	run->http_status = 0;
	buf_clear(&run->reply);
	http1_open(&run->http, HTTP1_RESPONSES, run->reply.max, &http_events, run);
	conn_set_deadline(u->conn, loop_now_ms(u->loop) + u->o.send_ms);
	int err = make_request(u);
	if (err == 0)
		err = conn_write(u->conn, run->request.data, run->request.len);
	if (err < 0)
		run_fail(u, err, "the request cannot be sent");
}

/* ---- the connection ---- */
static void on_open(void *owner)
{
	struct uplink *u = owner;
	u->is_conn_open = true;
	if (u->state == UPLINK_JOINING)
		send(u);
}

static void on_writable(void *owner)
{
	struct uplink *u = owner;
	struct uplink_run *run = u->run;
	if (u->state != UPLINK_SENDING)
		return;
	if (run->is_envelope_begun) {
		run->is_sent = true;
		if (run->is_answered) {
			conn_set_deadline(u->conn, 0);
			run_answered(u);
			return;
		}
		u->state = UPLINK_WAITING;
		conn_set_deadline(u->conn, loop_now_ms(u->loop) + u->o.receipt_ms);
		return;
	}
	run->is_envelope_begun = true;
	crypto_wipe(run->request.data, run->request.cap);
	int err = conn_write(u->conn, run->envelope.data, run->envelope.len);
	if (err < 0)
		run_fail(u, err, "the batch cannot be sent");
}

static void on_bytes(void *owner, const uint8_t *bytes, size_t len)
{
	struct uplink *u = owner;
	struct uplink_run *run = u->run;
	if (u->state == UPLINK_PACKING || u->state == UPLINK_SETTLING) {
		/* Speaks without being asked: its next answer could be to something else. */
		u->is_conn_open = false;
		conn_abort(u->conn);
		return;
	}
	if (u->state != UPLINK_SENDING && u->state != UPLINK_WAITING)
		return; /* on its way to the end */
	if (run->is_answered) {
		run->is_keep_alive = false;
		return;
	}
	int taken = http1_feed(&run->http, bytes, len);
	if (taken < 0) {
		run_fail(u, taken, "the hub's answer is not HTTP/1.1 as we accept it");
		return;
	}
	if (!http1_is_ended(&run->http))
		return;
	/* More behind the answer: after it this connection is good for nothing. */
	if ((size_t)taken != len)
		run->is_keep_alive = false;
	/* A receipt can overtake the news that our last bytes have left. Other answers do not wait
	 * for it: the hub may have stopped reading. */
	if (!run->is_sent && run->is_envelope_begun && run->http_status == 200) {
		run->is_answered = true;
		return;
	}
	if (!run->is_sent)
		run->is_keep_alive = false;
	conn_set_deadline(u->conn, 0);
	run_answered(u);
}

static void lost(struct uplink *u, int err, const char *why)
{
	struct uplink_run *run = u->run;
	if (err == ERR_TIMEOUT && u->state == UPLINK_SENDING) {
		run_too_slow(u, "the batch could not be sent in time");
		return;
	}
	if (err == ERR_TIMEOUT && u->state == UPLINK_WAITING)
		why = "the hub took the batch and did not answer in time";
	if (err == 0) {
		/* A close may be what ends an answer's body. */
		/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): waiting is a run's state */
		if (run->is_answered ||
			(http1_finish(&run->http) == 0 && http1_is_ended(&run->http))) {
			run->is_keep_alive = false;
			run_answered(u);
			return;
		}
		err = ERR_CLOSED;
		why = "the hub closed the connection before it answered";
	}
	run_fail(u, err, why == NULL ? "" : why);
}

static void on_end(void *owner, int err, const char *why)
{
	struct uplink *u = owner;
	u->conn = NULL;
	u->is_conn_open = false;
	void (*then)(struct uplink *) = u->run == NULL ? NULL : u->run->then;
	if (then != NULL) {
		u->run->then = NULL;
		then(u);
		return;
	}
	switch (u->state) {
	case UPLINK_JOINING:
		run_fail(u, err == 0 ? ERR_CLOSED : err, why == NULL ? "" : why);
		break;
	case UPLINK_SENDING:
	case UPLINK_WAITING:
		lost(u, err, why);
		break;
	case UPLINK_IDLE:
	case UPLINK_PACKING:
	case UPLINK_SETTLING:
	case UPLINK_RESTING:
	case UPLINK_ENDING:
		break; /* nothing was under way on it; the next batch makes a new one */
	}
}

static const struct conn_events conn_events = {on_open, on_bytes, on_writable, on_end};

void post_start(struct uplink *u)
{
	if (u->conn != NULL && u->is_conn_open) {
		send(u);
		return;
	}
	u->state = UPLINK_JOINING;
	if (u->conn != NULL) {
		post_drop(u, false, post_start); /* once the old one has gone */
		return;
	}
	struct conn_target target = {
		.host = u->o.host, .port = u->o.port, .tls = u->o.tls, .join_ms = LIMIT_JOIN_MS};
	int err = conn_connect(&u->conn, u->loop, &target, &conn_events, u);
	if (err < 0) {
		u->conn = NULL;
		run_fail(u, err, "no connection can be made");
	}
}

void post_drop(struct uplink *u, bool is_polite, void (*then)(struct uplink *u))
{
	if (u->conn == NULL) {
		then(u);
		return;
	}
	u->run->then = then;
	if (is_polite)
		conn_close(u->conn);
	else
		conn_abort(u->conn);
}
