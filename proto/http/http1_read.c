/* SPDX-License-Identifier: Apache-2.0
 * Reading HTTP/1.1. Each byte of a head passes the guard before llhttp sees it; the guard also
 * finds the head's end by itself, and llhttp must find it at the same byte. Rules that llhttp
 * leaves open (one Host, one Content-Length of digits only, no transfer coding in requests, no
 * trailers) are decided in on_headers_complete, before the owner gets the message. */
#include "proto/http/http1.h"
#include "proto/http/http1_internal.h"

#include <limits.h>
#include <string.h>
#include <strings.h>

enum phase { PHASE_HEAD, PHASE_BODY };

/* Where the guard is in the head. */
enum guard {
	GUARD_FIRST,   /* the very first byte */
	GUARD_START,   /* in the start line */
	GUARD_SPACE,   /* in the start line, after a blank */
	GUARD_LF,      /* after the CR of a line */
	GUARD_LINE,    /* the first byte of a header line, or the CR of the empty one */
	GUARD_NAME,    /* in a header's name */
	GUARD_VALUE,   /* behind its colon */
	GUARD_LAST_LF, /* after the CR of the empty line */
	GUARD_DONE
};

/* Headers that are kept for the owner or checked here; the place in this table is the bit in
 * http1.seen. */
enum field {
	FIELD_OTHER,
	FIELD_AUTHORIZATION,
	FIELD_CONTENT_TYPE,
	FIELD_EXPECT,
	FIELD_RETRY_AFTER,
	FIELD_WWW_AUTHENTICATE,
	FIELD_LOCATION,
	FIELD_DATE,
	FIELD_HOST,
	FIELD_CONTENT_LENGTH,
	FIELD_TRANSFER_ENCODING,
	FIELDS
};

static const char *const field_names[FIELDS] = {
	[FIELD_AUTHORIZATION] = "authorization",
	[FIELD_CONTENT_TYPE] = "content-type",
	[FIELD_EXPECT] = "expect",
	[FIELD_RETRY_AFTER] = "retry-after",
	[FIELD_WWW_AUTHENTICATE] = "www-authenticate",
	[FIELD_LOCATION] = "location",
	[FIELD_DATE] = "date",
	[FIELD_HOST] = "host",
	[FIELD_CONTENT_LENGTH] = "content-length",
	[FIELD_TRANSFER_ENCODING] = "transfer-encoding",
};

static int refuse(struct http1 *h, int err, int status)
{
	if (h->err == 0) {
		h->err = err;
		h->refusal = status;
	}
	return -1; /* for llhttp */
}

static bool has_seen(const struct http1 *h, enum field f)
{
	return (h->seen & 1u << f) != 0;
}

/* ---- the guard ---- */

/* A tchar of RFC 9110 section 5.6.2. */
static bool http1_is_token(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c != 0 && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static bool is_text(uint8_t c)
{
	return c == '\t' || (c >= ' ' && c != 0x7f);
}

static bool is_start_text(const struct http1 *h, uint8_t c)
{
	if (h->parser.type == HTTP_REQUEST)
		return c > ' ' && c < 0x7f;
	return is_text(c) && c != ' ';
}

/* The next state, or -1 for a byte that no head of ours may have there. */
static int guard_step(struct http1 *h, uint8_t c)
{
	switch ((enum guard)h->guard) {
	case GUARD_FIRST:
		return http1_is_token(c) ? GUARD_START : -1;
	case GUARD_START:
	case GUARD_SPACE:
		if (c == '\r')
			return GUARD_LF;
		if (c == ' ') /* a request line has single blanks; a reason phrase may do as it
				 likes */
			return h->guard == GUARD_SPACE && h->parser.type == HTTP_REQUEST
				       ? -1
				       : GUARD_SPACE;
		return is_start_text(h, c) ? GUARD_START : -1;
	case GUARD_LF:
		return c == '\n' ? GUARD_LINE : -1;
	case GUARD_LINE:
		if (c == '\r')
			return GUARD_LAST_LF;
		h->headers++;
		return http1_is_token(c) ? GUARD_NAME
					 : -1; /* a blank here would be a folded line */
	case GUARD_NAME:
		if (c == ':')
			return GUARD_VALUE;
		return http1_is_token(c) ? GUARD_NAME : -1;
	case GUARD_VALUE:
		if (c == '\r')
			return GUARD_LF;
		return is_text(c) ? GUARD_VALUE : -1;
	case GUARD_LAST_LF:
		return c == '\n' ? GUARD_DONE : -1;
	case GUARD_DONE:
		return -1;
	}
	return -1;
}

/* Why the guard stopped. */
struct objection {
	int err; /* 0: none */
	int status;
};

/* Vets bytes until the head ends or one is bad. Returns how many llhttp may read. */
static size_t guard_run(struct http1 *h, const uint8_t *bytes, size_t len, struct objection *why)
{
	for (size_t i = 0; i < len; i++) {
		bool is_start = h->guard <= GUARD_SPACE;
		int next = guard_step(h, bytes[i]);
		if (next < 0) {
			*why = (struct objection){ERR_HTTP, 400};
			return i;
		}
		if (++h->head_bytes > LIMIT_HTTP_HEAD || h->headers > LIMIT_HTTP_HEADERS) {
			*why = (struct objection){ERR_LIMIT, is_start ? 414 : 431};
			return i;
		}
		h->guard = (uint8_t)next;
		if (h->guard == GUARD_DONE)
			return i + 1;
	}
	return len;
}

/* ---- texts ---- */

static int put_text(struct http1 *h, const char *at, size_t len, int status)
{
	if (len >= sizeof h->text - h->text_len) /* one byte is for the NUL */
		return refuse(h, ERR_LIMIT, status);
	memcpy(h->text + h->text_len, at, len);
	h->text_len = (uint16_t)(h->text_len + len);
	return 0;
}

/* Ends the text that began at text_from, without outer blanks. */
static const char *end_text(struct http1 *h)
{
	while (h->text_len > h->text_from &&
		(h->text[h->text_len - 1] == ' ' || h->text[h->text_len - 1] == '\t'))
		h->text_len--;
	h->text[h->text_len++] = '\0';
	return h->text + h->text_from;
}

/* ---- what llhttp calls ---- */

static int on_url(llhttp_t *p, const char *at, size_t len)
{
	struct http1 *h = p->data;
	if (h->text_len + len > LIMIT_HTTP_TARGET)
		return refuse(h, ERR_LIMIT, 414);
	return put_text(h, at, len, 414);
}

static bool set_method(struct http1 *h)
{
	static const struct {
		llhttp_method_t parsed;
		enum http1_method method;
	} methods[] = {{HTTP_GET, HTTP1_GET}, {HTTP_HEAD, HTTP1_HEAD}, {HTTP_POST, HTTP1_POST},
		{HTTP_PUT, HTTP1_PUT}, {HTTP_DELETE, HTTP1_DELETE}};
	for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
		if (methods[i].parsed == llhttp_get_method(&h->parser)) {
			h->head.method = methods[i].method;
			return true;
		}
	}
	return false;
}

static int on_url_complete(llhttp_t *p)
{
	struct http1 *h = p->data;
	if (!set_method(h))
		return refuse(h, ERR_HTTP, 501);
	h->text_from = 0;
	h->head.target = end_text(h);
	/* Only origin-form; a fragment never travels (RFC 9112 section 3.2). */
	if (h->head.target[0] != '/' || strchr(h->head.target, '#') != NULL)
		return refuse(h, ERR_HTTP, 400);
	return 0;
}

static int on_field(llhttp_t *p, const char *at, size_t len)
{
	struct http1 *h = p->data;
	if (h->phase != PHASE_HEAD)
		return refuse(h, ERR_HTTP, 400); /* trailers */
	for (size_t i = 0; i < len; i++) {
		if (h->name_len == sizeof h->name) {
			h->name_len = UINT8_MAX; /* longer than any we look for */
			return 0;
		}
		if (h->name_len == UINT8_MAX)
			return 0;
		char c = at[i];
		h->name[h->name_len++] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
	}
	return 0;
}

static int on_field_complete(llhttp_t *p)
{
	struct http1 *h = p->data;
	h->field = FIELD_OTHER;
	for (unsigned f = FIELD_OTHER + 1; f < FIELDS; f++) {
		if (strlen(field_names[f]) == h->name_len &&
			memcmp(field_names[f], h->name, h->name_len) == 0)
			h->field = (uint8_t)f;
	}
	h->name_len = 0;
	h->text_from = h->text_len;
	if (h->field == FIELD_OTHER)
		return 0;
	if (!has_seen(h, h->field)) {
		h->seen |= 1u << h->field;
		return 0;
	}
	/* Challenges may come as a list of headers, and proxies add a second Date: the first one
	 * counts. */
	if (h->field != FIELD_WWW_AUTHENTICATE && h->field != FIELD_LOCATION &&
		h->field != FIELD_DATE)
		return refuse(h, ERR_HTTP, 400);
	h->field = FIELD_OTHER;
	return 0;
}

static int on_value(llhttp_t *p, const char *at, size_t len)
{
	struct http1 *h = p->data;
	if (h->field == FIELD_OTHER)
		return 0;
	if (h->field == FIELD_LOCATION) {
		size_t room = HTTP1_LOCATION_BYTES - (size_t)(h->text_len - h->text_from);
		len = len < room ? len : room;
	}
	return put_text(h, at, len, 431);
}

static bool is_digits(const char *text)
{
	size_t n = strspn(text, "0123456789");
	return n > 0 && n < 20 && text[n] == '\0';
}

static int on_value_complete(llhttp_t *p)
{
	struct http1 *h = p->data;
	if (h->field == FIELD_OTHER)
		return 0;
	const char *value = end_text(h);
	const char **const kept[FIELDS] = {[FIELD_AUTHORIZATION] = &h->head.authorization,
		[FIELD_CONTENT_TYPE] = &h->head.content_type,
		[FIELD_EXPECT] = &h->head.expect,
		[FIELD_RETRY_AFTER] = &h->head.retry_after,
		[FIELD_WWW_AUTHENTICATE] = &h->head.www_authenticate,
		[FIELD_LOCATION] = &h->head.location,
		[FIELD_DATE] = &h->head.date};
	bool is_good = true;
	if (h->field == FIELD_EXPECT)
		h->head.is_expecting = strcasecmp(value, "100-continue") == 0;
	else if (h->field == FIELD_HOST)
		is_good = value[0] != '\0' && strpbrk(value, " \t,/@\\?#") == NULL;
	else if (h->field == FIELD_CONTENT_LENGTH)
		is_good = is_digits(value);
	else if (h->field == FIELD_TRANSFER_ENCODING)
		h->head.is_chunked = strcasecmp(value, "chunked") == 0;
	if (kept[h->field] != NULL)
		*kept[h->field] = value;
	else
		h->text_len = h->text_from;
	h->field = FIELD_OTHER;
	return is_good ? 0 : refuse(h, ERR_HTTP, 400);
}

static bool is_interim(const struct http1 *h)
{
	return h->parser.type == HTTP_RESPONSE && h->parser.status_code < 200;
}

/* Neither these nor interim answers have a body (RFC 9112 section 6.3). */
static bool is_bodiless(const struct http1 *h)
{
	return h->parser.type == HTTP_RESPONSE &&
	       (is_interim(h) || h->parser.status_code == 204 || h->parser.status_code == 304);
}

static int check_framing(struct http1 *h)
{
	bool has_coding = has_seen(h, FIELD_TRANSFER_ENCODING);
	h->head.has_length = has_seen(h, FIELD_CONTENT_LENGTH);
	if (h->parser.http_major != 1 || h->parser.http_minor > 1)
		return refuse(h, ERR_HTTP, 505);
	if (has_coding && (h->head.has_length || h->parser.http_minor == 0))
		return refuse(h, ERR_HTTP, 400);
	if (has_coding && !h->head.is_chunked)
		return refuse(h, ERR_HTTP, 501);
	if (h->parser.upgrade)
		return refuse(h, ERR_HTTP, 400);
	if (h->parser.type == HTTP_REQUEST) {
		if (has_coding)
			return refuse(h, ERR_HTTP, 411);
		if (h->parser.http_minor == 1 && !has_seen(h, FIELD_HOST))
			return refuse(h, ERR_HTTP, 400);
	} else {
		unsigned status = h->parser.status_code;
		if (status < 100 || status > 599 || status == 101)
			return refuse(h, ERR_HTTP, 400);
		if (is_bodiless(h) && has_coding)
			return refuse(h, ERR_HTTP, 400);
		if (is_interim(h) && h->parser.content_length > 0 && h->head.has_length)
			return refuse(h, ERR_HTTP, 400);
	}
	if (h->head.has_length && !is_bodiless(h) && h->parser.content_length > h->body_max)
		return refuse(h, ERR_LIMIT, 413);
	return 0;
}

static int on_headers_complete(llhttp_t *p)
{
	struct http1 *h = p->data;
	int err = check_framing(h);
	if (err < 0)
		return err;
	h->head.content_length = h->head.has_length ? p->content_length : 0;
	h->head.status = p->status_code;
	h->head.is_keep_alive = llhttp_should_keep_alive(p) == 1;
	h->phase = PHASE_BODY;
	if (is_interim(h))
		return 1;
	err = h->events->on_head(h->owner, &h->head);
	if (err < 0)
		return refuse(h, err, 400);
	return is_bodiless(h) ? 1 : 0;
}

static int on_body(llhttp_t *p, const char *at, size_t len)
{
	struct http1 *h = p->data;
	if (len > h->body_max - h->body_bytes)
		return refuse(h, ERR_LIMIT, 413);
	h->body_bytes += len;
	if (len == 0 || h->events->on_body == NULL)
		return 0;
	int err = h->events->on_body(h->owner, (const uint8_t *)at, len);
	return err < 0 ? refuse(h, err, 400) : 0;
}

static int on_message_complete(llhttp_t *p)
{
	struct http1 *h = p->data;
	h->is_ended = true;
	if (!is_interim(h) && h->events->on_end != NULL) {
		int err = h->events->on_end(h->owner);
		if (err < 0)
			return refuse(h, err, 400);
	}
	return HPE_PAUSED;
}

/* Chunk extensions carry nothing for us and have carried attacks. */
static int on_extension(llhttp_t *p, const char *at, size_t len)
{
	(void)at;
	(void)len;
	return refuse(p->data, ERR_HTTP, 400);
}

static const llhttp_settings_t settings = {
	.on_url = on_url,
	.on_url_complete = on_url_complete,
	.on_header_field = on_field,
	.on_header_field_complete = on_field_complete,
	.on_header_value = on_value,
	.on_header_value_complete = on_value_complete,
	.on_headers_complete = on_headers_complete,
	.on_body = on_body,
	.on_message_complete = on_message_complete,
	.on_chunk_extension_name = on_extension,
	.on_chunk_extension_value = on_extension,
};

/* ---- reading ---- */

static void restart(struct http1 *h, llhttp_type_t type)
{
	llhttp_init(&h->parser, type, &settings);
	h->parser.data = h;
	h->head = (struct http1_head){.target = "",
		.authorization = "",
		.content_type = "",
		.expect = "",
		.retry_after = "",
		.www_authenticate = "",
		.location = "",
		.date = ""};
	h->body_bytes = 0;
	h->head_bytes = h->headers = h->text_len = h->text_from = 0;
	h->phase = PHASE_HEAD;
	h->guard = GUARD_FIRST;
	h->field = FIELD_OTHER;
	h->name_len = 0;
	h->seen = 0;
	h->is_ended = false;
}

void http1_open(struct http1 *h, enum http1_kind kind, uint64_t body_max,
	const struct http1_events *events, void *owner)
{
	h->events = events;
	h->owner = owner;
	h->body_max = body_max;
	h->err = 0;
	h->refusal = 0;
	h->interims = 0;
	restart(h, kind == HTTP1_REQUESTS ? HTTP_REQUEST : HTTP_RESPONSE);
}

void http1_next(struct http1 *h)
{
	h->interims = 0;
	restart(h, (llhttp_type_t)h->parser.type);
}

/* llhttp stopped: how many bytes it took if a message has ended there, or the error. */
static int stopped(struct http1 *h, llhttp_errno_t code, const uint8_t *bytes)
{
	if (code == HPE_PAUSED && h->is_ended && h->err == 0)
		return (int)((const uint8_t *)llhttp_get_error_pos(&h->parser) - bytes);
	(void)refuse(h, ERR_HTTP,
		code == HPE_INVALID_VERSION  ? 505
		: code == HPE_INVALID_METHOD ? 501
					     : 400);
	return h->err;
}

/* One stretch: the head up to its end, or what there is of the body. An objection of the guard
 * counts only after llhttp has read the bytes before it, so that the result does not depend on how
 * the bytes were cut. */
static int feed_some(struct http1 *h, const uint8_t *bytes, size_t len)
{
	struct objection objection = {0};
	bool is_head = h->phase == PHASE_HEAD;
	size_t take = is_head ? guard_run(h, bytes, len, &objection) : len;
	llhttp_errno_t code = llhttp_execute(&h->parser, (const char *)bytes, take);
	if (code != HPE_OK) {
		int taken = stopped(h, code, bytes);
		/* Both must see the end of a head at the same byte. */
		if (taken >= 0 && is_head && ((size_t)taken != take || h->guard != GUARD_DONE))
			(void)refuse(h, ERR_HTTP, 400);
		return h->err < 0 ? h->err : taken;
	}
	if (objection.err < 0)
		(void)refuse(h, objection.err, objection.status);
	else if (is_head && (h->guard == GUARD_DONE) != (h->phase == PHASE_BODY))
		(void)refuse(h, ERR_HTTP, 400);
	return h->err < 0 ? h->err : (int)take;
}

int http1_feed(struct http1 *h, const uint8_t *bytes, size_t len)
{
	size_t done = 0;
	if (h->err < 0)
		return h->err;
	if (len > INT_MAX)
		return ERR_LIMIT;
	while (done < len && !h->is_ended) {
		int n = feed_some(h, bytes + done, len - done);
		if (n < 0)
			return n;
		done += (size_t)n;
		if (h->is_ended && is_interim(h)) {
			if (++h->interims > LIMIT_HTTP_INTERIMS) {
				(void)refuse(h, ERR_LIMIT, 400);
				return h->err;
			}
			restart(h, HTTP_RESPONSE);
		}
	}
	return (int)done;
}

int http1_finish(struct http1 *h)
{
	if (h->err < 0)
		return h->err;
	if (h->is_ended || http1_is_idle(h))
		return 0;
	if (h->phase == PHASE_HEAD || !llhttp_message_needs_eof(&h->parser))
		return ERR_SHORT;
	llhttp_errno_t code = llhttp_finish(&h->parser);
	if (h->err < 0)
		return h->err;
	return h->is_ended && (code == HPE_OK || code == HPE_PAUSED) ? 0 : ERR_SHORT;
}

bool http1_is_idle(const struct http1 *h)
{
	return h->head_bytes == 0 && h->interims == 0 && h->err == 0;
}

int http1_refusal(const struct http1 *h)
{
	return h->refusal;
}
