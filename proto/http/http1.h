/* SPDX-License-Identifier: Apache-2.0
 * HTTP/1.1 (RFC 9110, RFC 9112) as both our ends speak it: one strict reading of every byte, or
 * none. A guard of ours vets the head (no bare CR or LF, no folded lines, no control characters,
 * limits), then llhttp in strict mode reads it; what either refuses is refused. Pure: no sockets,
 * no clock, no memory of its own.
 *
 * Order of calls: http1_open; http1_feed with whatever arrived; on_head once, on_body zero or more
 * times, on_end once; then http1_next for the next message of the same connection. After an error
 * the connection cannot be read any further: a server answers http1_refusal and closes.
 *
 * Between messages (http1_is_idle) a struct http1 holds nothing, so an owner with many idle
 * connections may give it back and http1_open another with the next byte. */
#ifndef PLATEN_HTTP_HTTP1_H
#define PLATEN_HTTP_HTTP1_H

#include "proto/base/buf.h"
#include "proto/base/err.h"
#include "proto/base/limits.h"

#include <llhttp.h>
#include <stddef.h>
#include <stdint.h>

enum http1_kind {
	HTTP1_REQUESTS, /* we are the server */
	HTTP1_RESPONSES /* we are the client */
};

/* Any other method is refused with 501 before on_head. */
enum http1_method { HTTP1_GET, HTTP1_HEAD, HTTP1_POST, HTTP1_PUT, HTTP1_DELETE };

/* The fields of a head that an owner may need. Texts are NUL-terminated, never NULL ("" is absent),
 * free of control characters, without outer blanks, and good until on_end has returned. A header of
 * this list that comes twice is refused. */
struct http1_head {
	enum http1_method method; /* requests */
	const char *target;       /* requests: "/v1/batches"; always begins with a slash */
	int status;               /* responses: 200 ... 599; interim 1xx answers are skipped */
	uint64_t content_length;  /* 0 if none was given */
	bool has_length;          /* a Content-Length was given */
	bool is_chunked;          /* responses only: requests are refused with 411 */
	bool is_keep_alive;       /* the peer leaves the connection open after this message */
	bool is_expecting;        /* Expect: 100-continue: answer 100 or a final status */
	const char *authorization;
	const char *content_type;
	const char *expect;
	const char *retry_after;
	const char *www_authenticate;
	const char *location; /* cut to HTTP1_LOCATION_BYTES */
	const char *date;
};

/* Enough of a Location for its host: some are longer than a whole head of ours. */
#define HTTP1_LOCATION_BYTES 192

/* Each may end the reading with a negative error, which http1_feed passes on. None of them may
 * open, feed or free its http1. on_body and on_end may be NULL: a body is then read, bounded, and
 * ignored. */
struct http1_events {
	int (*on_head)(void *owner, const struct http1_head *head);
	int (*on_body)(void *owner, const uint8_t *bytes, size_t len);
	int (*on_end)(void *owner);
};

/* Target and kept header values, one after the other, each with its NUL (a head that needs more is
 * refused with 431). */
#define HTTP1_TEXT_BYTES (LIMIT_HTTP_TARGET + 768)

/* Open so that it can be embedded; its members are http1_read.c's. */
struct http1 {
	llhttp_t parser;
	const struct http1_events *events;
	void *owner;
	struct http1_head head;
	uint64_t body_max;
	uint64_t body_bytes; /* seen of this message */
	int err;             /* why reading ended, 0 while it goes on */
	int refusal;         /* the status for it */
	unsigned head_bytes;
	unsigned headers;
	unsigned interims;
	uint16_t text_len;
	uint16_t text_from; /* where the value under way begins in text */
	uint8_t phase;
	uint8_t guard;
	uint8_t field; /* which kept header is under way */
	uint8_t name_len;
	uint32_t seen; /* bit per kept header */
	bool is_ended;
	char name[24]; /* of the header under way, lower case */
	char text[HTTP1_TEXT_BYTES];
};

/* `body_max`: bytes of one body; a longer one is ERR_LIMIT (413), before its first byte if its
 * length was announced. */
void http1_open(struct http1 *h, enum http1_kind kind, uint64_t body_max,
	const struct http1_events *events, void *owner);

/* Reads up to the end of one message. Returns how many bytes were taken: all of them, or fewer when
 * the message ended (the rest belongs to the next one: http1_next, then feed it), else ERR_HTTP,
 * ERR_LIMIT or what a callback returned. */
int http1_feed(struct http1 *h, const uint8_t *bytes, size_t len) MUST_USE;

/* The peer closed cleanly: 0 (calls on_end if the close is what ends this response's body) or
 * ERR_SHORT in the middle of a message. */
int http1_finish(struct http1 *h) MUST_USE;

/* After on_end: ready for the next message. */
void http1_next(struct http1 *h);

/* Not one byte of a message has been read since http1_open or http1_next. */
bool http1_is_idle(const struct http1 *h);
/* on_end of the present message has been called. */
static inline bool http1_is_ended(const struct http1 *h)
{
	return h->is_ended;
}

/* After an error of http1_feed: the status a server answers before it closes (400, 411, 413, 414,
 * 431, 501, 505). */
int http1_refusal(const struct http1 *h);

/* ---- writing ---- */
/* Strings may be NULL (left out). One with a control character or CR LF in it is ERR_FORMAT. */
struct http1_request {
	enum http1_method method;
	const char *target;
	const char *host; /* as in the URL; an IPv6 address without its brackets */
	uint16_t port;    /* 0, or 443 (left out of Host) */
	const char *user; /* Basic credentials, RFC 7617 */
	const char *password;
	const char *content_type;
	uint64_t content_length; /* sent for POST and PUT, also when 0 */
	bool is_last;            /* Connection: close */
};
int http1_put_request(struct buf *b, const struct http1_request *r) MUST_USE;

/* CONNECT (RFC 9110 section 9.3.6): `host` and `port` are where to; user and password, which may be
 * NULL, are the proxy's. */
int http1_put_connect(struct buf *b, const char *host, uint16_t port, const char *user,
	const char *password) MUST_USE;

struct http1_response {
	int status;
	const char *content_type;
	uint64_t content_length; /* always sent */
	const char *www_authenticate;
	unsigned retry_after_s; /* 0: left out */
	uint64_t date_ms;       /* Unix time; 0: no Date */
	bool is_last;           /* Connection: close */
};
int http1_put_response(struct buf *b, const struct http1_response *r) MUST_USE;

/* A date of HTTP, in each of its three forms (RFC 9110 section 5.6.7): Unix milliseconds. */
int http1_read_date(const char *text, uint64_t *ret_ms) MUST_USE;

/* "OK", "Not Found"; "Status" for one we do not know. */
const char *http1_reason(int status);

/* Reads "Basic dXNlcjpwYXNz" into two texts with a NUL each. ERR_FORMAT if it is not that, or holds
 * control characters or no UTF-8; ERR_LIMIT if a part is longer than cap - 1. The caller wipes. */
int http1_read_basic(const char *authorization, char *user, size_t user_cap, char *password,
	size_t password_cap) MUST_USE;

#endif
