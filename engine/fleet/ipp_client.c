/* SPDX-License-Identifier: Apache-2.0
 * Each exchange has a connection of its own; what follows from it is decided when that has gone. */
#include "engine/fleet/ipp_client.h"

#include "engine/conf/range.h"
#include "proto/base/buf.h"
#include "proto/base/limits.h"
#include "proto/base/str.h"
#include "proto/http/http1.h"
#include "proto/ipp/ipp.h"
#include "proto/ipp/ipp_reading.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char media_type[] = "application/ipp";

/* RFC 8010 names none; PWG 5100.12 client for the first, older printers know one of the others. */
static const char *const usual_paths[] = {"/ipp/print", "/ipp/printer", "/"};
enum { USUAL_PATHS = sizeof usual_paths / sizeof usual_paths[0] };

enum query_state {
	QUERY_CONNECTING, /* conn: TCP and TLS, LIMIT_IPP_CONNECT_MS */
	QUERY_RECEIVING,  /* the response, until the ask's deadline */
	QUERY_RECEIVED,   /* the response is there or useless: for the conn to go */
	QUERY_FAILED,     /* err and why are set: for the conn to go */
	QUERY_STOPPED     /* for the conn to go */
};

struct ipp_query {
	struct list node;
	struct ipp_client *client;
	ipp_on_response *on_response;
	void *owner;
	struct conn *conn;
	enum query_state state;
	uint64_t deadline_ms;
	const char *given_path;
	uint8_t path;  /* index of the usual ones */
	uint8_t tried; /* bit i: usual path i */
	bool is_tls;
	bool is_reached;
	bool wants_tls; /* it answered our plain request with a TLS alert */
	bool is_begun;  /* a byte of the response has come */
	bool is_ipp;    /* by its media type */
	int http_status;
	int err;
	struct conn_traffic traffic;
	uint16_t port;
	char host[CONF_HOST_TEXT];
	char why[LIMIT_WHY];
	struct http1 http;
	struct buf request;
	struct buf response;
	uint8_t request_bytes[LIMIT_IPP_REQUEST];
	uint8_t response_bytes[LIMIT_IPP_RESPONSE];
};

static void dial(struct ipp_query *a);

/* ---- the end ---------------------------------------------------------------------------- */

static void finish(struct ipp_query *a, int err)
{
	struct ipp_client *client = a->client;
	struct ipp_response response = {.err = err,
		.why = a->why[0] != '\0' ? a->why : err_text(err),
		.bytes = a->response.data,
		.len = err == 0 ? a->response.len : 0,
		.is_tls = a->is_tls,
		.path = a->path,
		.is_reached = a->is_reached,
		.traffic = a->traffic};
	list_remove(&a->node);
	a->on_response(a->owner, &response);
	slab_give(&client->slab, a);
	if (client->on_place != NULL)
		client->on_place(client->owner);
}

/* The exchange is over; what it means is decided when the connection has gone. */
static void leave(struct ipp_query *a, enum query_state state)
{
	a->state = state;
	conn_abort(a->conn);
}

static void fail(struct ipp_query *a, int err, const char *why)
{
	a->err = err;
	(void)str_copy(a->why, sizeof a->why, why);
	leave(a, QUERY_FAILED);
}

static int say(struct ipp_query *a, int err, const char *what)
{
	(void)snprintf(a->why, sizeof a->why, "the printer %s (HTTP %d)", what, a->http_status);
	return err;
}

/* ---- the request ------------------------------------------------------------------------ */

static const char *path_of(const struct ipp_query *a)
{
	return a->given_path != NULL ? a->given_path : usual_paths[a->path];
}

static int put_body(const struct ipp_query *a, struct buf *body)
{
	char uri[LIMIT_HTTP_TARGET + sizeof a->host + 32];
	bool is_v6 = strchr(a->host, ':') != NULL;
	(void)snprintf(uri, sizeof uri, "%s://%s%s%s:%u%s", a->is_tls ? "ipps" : "ipp",
		is_v6 ? "[" : "", a->host, is_v6 ? "]" : "", a->port, path_of(a));
	/* 1.1 is what every printer speaks; it gives the attributes of later specifications too. */
	struct ipp_request q = {.major = 1, .minor = 1, .request_id = 1, .uri = uri};
	q.names = ipp_attribute_names(&q.name_count);
	return ipp_put_request(body, &q);
}

static int make_request(struct ipp_query *a)
{
	uint8_t bytes[LIMIT_IPP_REQUEST];
	struct buf body;
	buf_over(&body, bytes, sizeof bytes);
	buf_clear(&a->request);
	int err = put_body(a, &body);
	if (err < 0)
		return err;
	struct http1_request head = {.method = HTTP1_POST,
		.target = path_of(a),
		.host = a->host,
		.port = a->port,
		.content_type = media_type,
		.content_length = body.len,
		.is_last = true};
	err = http1_put_request(&a->request, &head);
	return err < 0 ? err : buf_put(&a->request, body.data, body.len);
}

/* ---- the response ------------------------------------------------------------------------- */

static bool is_media_type(const char *said)
{
	size_t n = sizeof media_type - 1;
	return strncasecmp(said, media_type, n) == 0 &&
	       (said[n] == '\0' || said[n] == ';' || said[n] == ' ');
}

static int on_head(void *owner, const struct http1_head *head)
{
	struct ipp_query *a = owner;
	a->http_status = head->status;
	a->is_ipp = is_media_type(head->content_type);
	return 0;
}

static int on_body(void *owner, const uint8_t *bytes, size_t len)
{
	struct ipp_query *a = owner;
	return a->http_status == 200 && a->is_ipp ? buf_put(&a->response, bytes, len) : 0;
}

static int on_message_end(void *owner)
{
	(void)owner;
	return 0;
}

static const struct http1_events http_events = {on_head, on_body, on_message_end};

/* Whether the head alone says that nothing of use follows. */
static bool is_useless(const struct ipp_query *a)
{
	return a->http_status != 0 && (a->http_status != 200 || !a->is_ipp);
}

static bool is_unknown_path(const struct ipp_query *a)
{
	enum { NOT_FOUND = 0x0406 }; /* client-error-not-found: RFC 8011 */
	struct ipp_reader reader;
	struct ipp_head head;
	if (a->http_status == 404 || a->http_status == 405)
		return true;
	return a->http_status == 200 && a->is_ipp &&
	       ipp_open(&reader, &head, a->response.data, a->response.len) == 0 &&
	       head.status == NOT_FOUND;
}

/* The next of the usual paths that was not tried. False if there is none. */
static bool step_path(struct ipp_query *a)
{
	a->tried |= (uint8_t)(1u << a->path);
	for (uint8_t i = 0; a->given_path == NULL && i < USUAL_PATHS; i++) {
		if ((a->tried >> i & 1) != 0)
			continue;
		a->path = i;
		return true;
	}
	return false;
}

static int check_status(struct ipp_query *a)
{
	switch (a->http_status) {
	case 200:
		if (a->is_ipp)
			return 0;
		return say(a, ERR_HTTP, "answered with something else than application/ipp");
	case 401:
	case 403:
	case 407:
		return say(a, ERR_AUTH, "wants a password, and none is ever sent to a printer");
	case 404:
	case 405:
		return say(a, ERR_HTTP_STATUS, "knows no path for IPP");
	case 426:
		return say(a, ERR_HTTP_STATUS, "client for another protocol even by TLS");
	default:
		if (a->http_status / 100 == 3)
			return say(a, ERR_HTTP_STATUS, "redirects, which is not followed");
		return say(a, ERR_HTTP_STATUS, "answered with an error");
	}
}

static void history(struct ipp_query *a)
{
	if ((a->wants_tls || a->http_status == 426) && !a->is_tls) {
		a->is_tls = true;
		a->tried = 0;
		dial(a);
	} else if (is_unknown_path(a) && step_path(a)) {
		dial(a);
	} else {
		finish(a, check_status(a));
	}
}

/* ---- the connection --------------------------------------------------------------------- */

static void on_open(void *owner)
{
	struct ipp_query *a = owner;
	a->is_reached = true;
	if (a->state != QUERY_CONNECTING)
		return;
	a->state = QUERY_RECEIVING;
	conn_set_deadline(a->conn, a->deadline_ms);
	int err = make_request(a);
	if (err == 0)
		err = conn_write(a->conn, a->request.data, a->request.len);
	if (err < 0)
		fail(a, err, "the request cannot be sent");
}

static void on_bytes(void *owner, const uint8_t *bytes, size_t len)
{
	enum { TLS_ALERT = 0x15 };
	struct ipp_query *a = owner;
	if (a->state != QUERY_RECEIVING)
		return;
	if (!a->is_begun && !a->is_tls && len > 0 && bytes[0] == TLS_ALERT) {
		a->wants_tls = true;
		leave(a, QUERY_RECEIVED);
		return;
	}
	a->is_begun = true;
	int taken = http1_feed(&a->http, bytes, len);
	if (is_useless(a) || (taken >= 0 && http1_is_ended(&a->http)))
		leave(a, QUERY_RECEIVED);
	else if (taken == ERR_LIMIT || taken == ERR_FULL)
		fail(a, ERR_LIMIT, "the printer's response, or its head, is longer than it may be");
	else if (taken < 0)
		fail(a, taken, "the printer's response is not HTTP/1.1 as we accept it");
}

static void lost(struct ipp_query *a, int err, const char *why)
{
	bool is_whole = err == 0 && a->state == QUERY_RECEIVING && http1_finish(&a->http) == 0 &&
			http1_is_ended(&a->http);
	if (is_whole) { /* the close is what ends this response */
		history(a);
		return;
	}
	if (err == 0) {
		err = ERR_CLOSED;
		why = "the printer closed the connection before it answered";
	} else if (err == ERR_TIMEOUT && a->state == QUERY_RECEIVING) {
		why = "the printer did not respond in time";
	}
	(void)str_copy(a->why, sizeof a->why, why == NULL ? "" : why);
	finish(a, err);
}

static void add_traffic(struct conn_traffic *sum, struct conn_traffic more)
{
	sum->packets_out += more.packets_out;
	sum->packets_in += more.packets_in;
	sum->bytes_out += more.bytes_out;
	sum->bytes_in += more.bytes_in;
}

static void on_conn_end(void *owner, int err, const char *why)
{
	struct ipp_query *a = owner;
	add_traffic(&a->traffic, conn_traffic(a->conn));
	a->conn = NULL;
	switch (a->state) {
	case QUERY_CONNECTING:
	case QUERY_RECEIVING:
		lost(a, err, why);
		return;
	case QUERY_RECEIVED:
		history(a);
		return;
	case QUERY_FAILED:
		finish(a, a->err);
		return;
	case QUERY_STOPPED:
		finish(a, ERR_STOPPED);
		return;
	}
}

static const struct conn_events conn_events = {
	.on_open = on_open, .on_bytes = on_bytes, .on_end = on_conn_end};

static int try_dial(struct ipp_query *a)
{
	uint64_t now = loop_now_ms(a->client->loop);
	uint64_t left = a->deadline_ms > now ? a->deadline_ms - now : 0;
	if (left == 0)
		return ERR_TIMEOUT;
	struct conn_target target = {.host = a->host,
		.port = a->port,
		.tls = a->is_tls ? a->client->tls : NULL,
		.connect_ms = left < LIMIT_IPP_CONNECT_MS ? left : LIMIT_IPP_CONNECT_MS};
	a->state = QUERY_CONNECTING;
	a->wants_tls = false;
	a->is_begun = false;
	a->is_ipp = false;
	a->http_status = 0;
	buf_clear(&a->response);
	http1_open(&a->http, HTTP1_RESPONSES, LIMIT_IPP_RESPONSE, &http_events, a);
	int err = conn_connect(&a->conn, a->client->loop, &target, &conn_events, a);
	if (err < 0)
		a->conn = NULL;
	return err;
}

/* Once more, another way. */
static void dial(struct ipp_query *a)
{
	int err = try_dial(a);
	if (err < 0)
		finish(a, err);
}

/* ---- life ------------------------------------------------------------------------------- */

int ipp_query_start(struct ipp_query **ret, struct ipp_client *client,
	const struct ipp_target *target, ipp_on_response *on_response, void *owner)
{
	struct ipp_query *a = slab_take(&client->slab);
	if (a == NULL)
		return ERR_FULL;
	memset(a, 0, offsetof(struct ipp_query, request_bytes));
	list_init(&a->node);
	a->client = client;
	a->on_response = on_response;
	a->owner = owner;
	a->deadline_ms = loop_now_ms(client->loop) + LIMIT_IPP_MS;
	a->given_path = target->path;
	a->path = target->first < USUAL_PATHS ? target->first : 0;
	a->is_tls = target->is_tls;
	a->port = target->port;
	conf_range_host(a->host, target->address);
	buf_over(&a->request, a->request_bytes, sizeof a->request_bytes);
	buf_over(&a->response, a->response_bytes, sizeof a->response_bytes);
	int err = try_dial(a);
	if (err < 0) {
		slab_give(&client->slab, a);
		return err;
	}
	list_push(&client->running, &a->node);
	*ret = a;
	return 0;
}

void ipp_query_stop(struct ipp_query *a)
{
	leave(a, QUERY_STOPPED);
}

void ipp_client_stop(struct ipp_client *client)
{
	for (struct list *at = client->running.next; at != &client->running; at = at->next)
		ipp_query_stop(container_of(at, struct ipp_query, node));
}

int ipp_client_open(struct ipp_client *client, struct loop *l, size_t most)
{
	char why[LIMIT_WHY];
	memset(client, 0, sizeof *client);
	client->loop = l;
	list_init(&client->running);
	int err = slab_open(&client->slab, sizeof(struct ipp_query), most);
	if (err == 0 && most > 0)
		err = tls_printer_open(&client->tls, why, sizeof why);
	if (err < 0)
		ipp_client_close(client);
	return err;
}

void ipp_client_close(struct ipp_client *client)
{
	slab_close(&client->slab);
	tls_close(client->tls);
	client->tls = NULL;
}

size_t ipp_client_ceiling(const struct ipp_client *client)
{
	return slab_ceiling(&client->slab) + client->slab.max * LIMIT_IPP_TLS_BYTES;
}
