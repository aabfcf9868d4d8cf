/* SPDX-License-Identifier: Apache-2.0
 * HTTP/1.1 as we accept it. Each case is fed whole, byte by byte, and cut in two at every place:
 * what is heard must be the same. */
#include "proto/http1.h"

#include "engine/core/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { BODY_MAX = 1000 };

/* What was heard, as text: "POST /x 5 ka|hello|end". */
struct heard {
	char text[4096];
	size_t len;
	struct http1 http;
	int fail_head;
};

static void note(struct heard *h, const char *fmt, ...) PRINTF_LIKE(2, 3);

static void note(struct heard *h, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(h->text + h->len, sizeof h->text - h->len, fmt, ap);
	va_end(ap);
	assert_true(n >= 0 && h->len + (size_t)n < sizeof h->text);
	h->len += (size_t)n;
}

static int on_head(void *owner, const struct http1_head *head)
{
	static const char *const methods[] = {"GET", "HEAD", "POST", "PUT", "DELETE"};
	struct heard *h = owner;
	if (head->status != 0)
		note(h, "%d", head->status);
	else
		note(h, "%s %s", methods[head->method], head->target);
	if (head->has_length)
		note(h, " len=%llu", (unsigned long long)head->content_length);
	if (head->is_chunked)
		note(h, " chunked");
	if (!head->is_keep_alive)
		note(h, " close");
	if (head->is_expecting)
		note(h, " expecting");
	if (head->authorization[0] != '\0')
		note(h, " auth=%s", head->authorization);
	if (head->content_type[0] != '\0')
		note(h, " type=%s", head->content_type);
	if (head->expect[0] != '\0')
		note(h, " expect=%s", head->expect);
	if (head->retry_after[0] != '\0')
		note(h, " retry=%s", head->retry_after);
	if (head->www_authenticate[0] != '\0')
		note(h, " challenge=%s", head->www_authenticate);
	note(h, "|");
	return h->fail_head;
}

static int on_body(void *owner, const uint8_t *bytes, size_t len)
{
	assert_true(len > 0);
	note(owner, "%.*s", (int)len, (const char *)bytes);
	return 0;
}

static int on_end(void *owner)
{
	note(owner, "|end;");
	return 0;
}

static const struct http1_events events = {on_head, on_body, on_end};

static void heard_open(struct heard *h, enum http1_kind kind)
{
	memset(h, 0, sizeof *h);
	http1_open(&h->http, kind, BODY_MAX, &events, h);
	assert_true(http1_is_idle(&h->http));
}

/* Feeds and goes on to the next message where one ends. Returns 0 or the error. */
static int feed(struct heard *h, const char *bytes, size_t len)
{
	while (len > 0) {
		/* An exact copy, so that a read beyond the end is caught. */
		uint8_t *copy = malloc(len);
		assert_non_null(copy);
		memcpy(copy, bytes, len);
		int n = http1_feed(&h->http, copy, len);
		free(copy);
		if (n < 0) {
			assert_int_equal(http1_feed(&h->http, (const uint8_t *)"x", 1), n);
			return n;
		}
		assert_true((size_t)n == len || http1_is_ended(&h->http));
		if (http1_is_ended(&h->http)) {
			assert_int_equal(http1_feed(&h->http, (const uint8_t *)"x", 1), 0);
			http1_next(&h->http);
			assert_true(http1_is_idle(&h->http));
		}
		bytes += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Feeds in pieces: 0: whole, 1: byte by byte, n: cut after n - 1 bytes. */
static int feed_cut(struct heard *h, const char *bytes, size_t len, size_t cut)
{
	int err = 0;
	if (cut == 0)
		return feed(h, bytes, len);
	if (cut > 1) {
		err = feed(h, bytes, cut - 1);
		return err < 0 ? err : feed(h, bytes + cut - 1, len - cut + 1);
	}
	for (size_t i = 0; i < len && err == 0; i++)
		err = feed(h, bytes + i, 1);
	return err;
}

struct good {
	const char *bytes;
	const char *heard;
};

static void check_good(enum http1_kind kind, const struct good *g)
{
	size_t len = strlen(g->bytes);
	for (size_t cut = 0; cut <= len; cut++) {
		static struct heard h;
		heard_open(&h, kind);
		int err = feed_cut(&h, g->bytes, len, cut);
		if (err != 0 || strcmp(h.text, g->heard) != 0)
			print_error("cut %zu of:\n%s\nheard: %s (%s)\n", cut, g->bytes, h.text,
				err_text(err));
		assert_int_equal(err, 0);
		assert_string_equal(h.text, g->heard);
	}
}

#define HOST "Host: hub.example\r\n"

static const struct good good_requests[] = {
	{"GET /livez HTTP/1.1\r\n" HOST "\r\n", "GET /livez||end;"},
	{"GET / HTTP/1.1\r\nhost:a\r\n\r\n", "GET /||end;"},
	{"HEAD /x HTTP/1.1\r\nHOST: [::1]:8443\r\n\r\n", "HEAD /x||end;"},
	{"POST /v1/batches HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhello",
		"POST /v1/batches len=5|hello|end;"},
	{"PUT /a?b=c%20d HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n",
		"PUT /a?b=c%20d len=0||end;"},
	{"DELETE /a HTTP/1.1\r\n" HOST "\r\n", "DELETE /a||end;"},
	{"POST /x HTTP/1.1\r\n" HOST "content-length:   3  \r\n\r\nabc", "POST /x len=3|abc|end;"},
	{"POST /x HTTP/1.1\r\n" HOST "CONTENT-LENGTH:\t0003\r\n\r\nabc", "POST /x len=3|abc|end;"},
	{"POST /x HTTP/1.1\r\n" HOST "\r\n", "POST /x||end;"},
	{"GET / HTTP/1.0\r\n\r\n", "GET / close||end;"},
	{"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "GET /||end;"},
	{"GET / HTTP/1.1\r\n" HOST "Connection: close\r\n\r\n", "GET / close||end;"},
	{"GET / HTTP/1.1\r\n" HOST "Authorization: Basic YTpi\r\n\r\n",
		"GET / auth=Basic YTpi||end;"},
	{"GET / HTTP/1.1\r\n" HOST "aUTHORIZATION: \t x y \t \r\n\r\n", "GET / auth=x y||end;"},
	{"POST / HTTP/1.1\r\n" HOST "Expect: 100-continue\r\nContent-Length: 1\r\n\r\nx",
		"POST / len=1 expecting expect=100-continue|x|end;"},
	{"POST / HTTP/1.1\r\n" HOST "Content-Type: application/vnd.platen.batch+msgpack\r\n"
	 "Content-Length: 2\r\n\r\n\r\n",
		"POST / len=2 type=application/vnd.platen.batch+msgpack|\r\n|end;"},
	{"GET / HTTP/1.1\r\n" HOST "X-Empty:\r\nX-Latin: \xe9\r\n\r\n", "GET /||end;"},
	{"GET / HTTP/1.1\r\n" HOST "X-A-Name-That-Is-Longer-Than-Any-That-We-Look-For: v\r\n\r\n",
		"GET /||end;"},
	{"GET / HTTP/1.1\r\n" HOST "Authorizatio: a\r\nAuthorizations: b\r\n\r\n", "GET /||end;"},
	/* Two in one go (the owner may refuse that; reading is right). */
	{"GET /1 HTTP/1.1\r\n" HOST "\r\nGET /2 HTTP/1.1\r\n" HOST "\r\n",
		"GET /1||end;GET /2||end;"},
	{"POST /1 HTTP/1.1\r\n" HOST "Content-Length: 1\r\n\r\naGET /2 HTTP/1.1\r\n" HOST "\r\n",
		"POST /1 len=1|a|end;GET /2||end;"},
	/* A body that looks like a request is a body. */
	{"POST /1 HTTP/1.1\r\n" HOST "Content-Length: 18\r\n\r\nGET / HTTP/1.1\r\n\r\n",
		"POST /1 len=18|GET / HTTP/1.1\r\n\r\n|end;"},
};

static const struct good good_responses[] = {
	{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "200 len=2|ok|end;"},
	{"HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", "200 len=0||end;"},
	{"HTTP/1.1 204 No Content\r\n\r\n", "204||end;"},
	{"HTTP/1.1 304 Not Modified\r\nContent-Length: 77\r\n\r\n", "304 len=77||end;"},
	{"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"a\"\r\n"
	 "WWW-Authenticate: Negotiate\r\nContent-Length: 0\r\n\r\n",
		"401 len=0 challenge=Basic realm=\"a\"||end;"},
	{"HTTP/1.1 503 Service  Unavailable\r\nRetry-After: 120\r\nContent-Length: 0\r\n"
	 "Connection: close\r\n\r\n",
		"503 len=0 close retry=120||end;"},
	{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n",
		"200 chunked|hello!|end;"},
	{"HTTP/1.1 200 OK\r\ntransfer-encoding: CHUNKED\r\n\r\n000a\r\n0123456789\r\n0\r\n\r\n",
		"200 chunked|0123456789|end;"},
	{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
	 "HTTP/1.1 204 Next\r\n\r\n",
		"200 chunked||end;204||end;"},
	{"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx",
		"200 len=1|x|end;"},
	{"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
	 "HTTP/1.1 409 Conflict\r\nContent-Length: 0\r\n\r\n",
		"409 len=0||end;"},
	{"HTTP/1.1 500 \xe9\r\nContent-Length: 0\r\n\r\n", "500 len=0||end;"},
};

static void test_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof good_requests / sizeof good_requests[0]; i++)
		check_good(HTTP1_REQUESTS, &good_requests[i]);
	for (size_t i = 0; i < sizeof good_responses / sizeof good_responses[0]; i++)
		check_good(HTTP1_RESPONSES, &good_responses[i]);
}

struct evil {
	const char *name;
	const char *bytes;
	size_t len; /* 0: up to the NUL */
	int refusal;
	int err; /* 0: ERR_HTTP */
};

#define REQ(headers) "POST /x HTTP/1.1\r\n" HOST headers "\r\nhello"
#define WITH_NUL(bytes) bytes, sizeof(bytes) - 1

static const struct evil evil_requests[] = {
	/* Two ways to say how long the body is. */
	{"CL and TE", REQ("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 0, 400, 0},
	{"TE and CL", REQ("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), 0, 400, 0},
	{"TE and TE", REQ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 0, 400,
		0},
	{"TE and TE identity", REQ("Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n"), 0,
		400, 0},
	{"CL twice, the same", REQ("Content-Length: 5\r\nContent-Length: 5\r\n"), 0, 400, 0},
	{"CL twice, different", REQ("Content-Length: 5\r\nContent-Length: 6\r\n"), 0, 400, 0},
	{"CL as a list", REQ("Content-Length: 5, 5\r\n"), 0, 400, 0},
	{"CL with plus", REQ("Content-Length: +5\r\n"), 0, 400, 0},
	{"CL with minus", REQ("Content-Length: -5\r\n"), 0, 400, 0},
	{"CL in hex", REQ("Content-Length: 0x5\r\n"), 0, 400, 0},
	{"CL with a blank inside", REQ("Content-Length: 5 0\r\n"), 0, 400, 0},
	{"CL with a letter", REQ("Content-Length: 5a\r\n"), 0, 400, 0},
	{"CL with a point", REQ("Content-Length: 5.0\r\n"), 0, 400, 0},
	{"CL empty", REQ("Content-Length:\r\n"), 0, 400, 0},
	{"CL only blanks", REQ("Content-Length:   \r\n"), 0, 400, 0},
	{"CL of 2^64", REQ("Content-Length: 18446744073709551616\r\n"), 0, 400, 0},
	{"CL of 2^64 + 5", REQ("Content-Length: 18446744073709551621\r\n"), 0, 400, 0},
	{"CL of 2^63", REQ("Content-Length: 9223372036854775808\r\n"), 0, 413, ERR_LIMIT},
	{"CL over the limit", REQ("Content-Length: 1001\r\n"), 0, 413, ERR_LIMIT},
	{"CL with twenty digits", REQ("Content-Length: 00000000000000000005\r\n"), 0, 400, 0},
	{"blank before CL's colon", REQ("Content-Length : 5\r\n"), 0, 400, 0},
	{"tab before CL's colon", REQ("Content-Length\t: 5\r\n"), 0, 400, 0},
	/* Transfer codings. */
	{"chunked request", REQ("Transfer-Encoding: chunked\r\n"), 0, 411, 0},
	{"chunked in capitals", REQ("TRANSFER-ENCODING: CHUNKED\r\n"), 0, 411, 0},
	{"gzip, chunked", REQ("Transfer-Encoding: gzip, chunked\r\n"), 0, 501, 0},
	{"chunked, chunked", REQ("Transfer-Encoding: chunked, chunked\r\n"), 0, 0, 0},
	{"chunked, identity", REQ("Transfer-Encoding: chunked, identity\r\n"), 0, 0, 0},
	{"xchunked", REQ("Transfer-Encoding: xchunked\r\n"), 0, 0, 0},
	{"chunked with a tab",
		REQ("Transfer-Encoding: \x0b"
		    "chunked\r\n"),
		0, 400, 0},
	{"blank before TE's colon", REQ("Transfer-Encoding : chunked\r\n"), 0, 400, 0},
	{"TE in HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 0, 400, 0},
	/* Line ends. */
	{"bare LF everywhere", "GET / HTTP/1.1\nHost: a\n\n", 0, 400, 0},
	{"bare LF after the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n", 0, 400, 0},
	{"bare LF after a header", "GET / HTTP/1.1\r\nHost: a\n\r\n", 0, 400, 0},
	{"bare LF at the end", "GET / HTTP/1.1\r\nHost: a\r\n\n", 0, 400, 0},
	{"bare CR in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", 0, 400, 0},
	{"bare CR hides a header", "GET / HTTP/1.1\r\nHost: a\r\nX: a\rContent-Length: 5\r\n\r\n",
		0, 400, 0},
	{"CR CR LF", "GET / HTTP/1.1\r\r\nHost: a\r\n\r\n", 0, 400, 0},
	{"CR LF CR at the end", "GET / HTTP/1.1\r\nHost: a\r\n\rx", 0, 400, 0},
	{"empty line first", "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 0, 400, 0},
	{"LF first", "\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 0, 400, 0},
	{"folded line", "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n", 0, 400, 0},
	{"folded with a tab", "GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n\tb\r\n\r\n", 0, 400, 0},
	{"folded CL", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n 5\r\n\r\nhello", 0, 400,
		0},
	{"first header folded", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", 0, 400, 0},
	/* Bytes. */
	{"NUL in a value", WITH_NUL("GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n"), 400, 0},
	{"NUL in a name", WITH_NUL("GET / HTTP/1.1\r\nHost: a\r\nX\0Y: a\r\n\r\n"), 400, 0},
	{"NUL in the target", WITH_NUL("GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n"), 400, 0},
	{"NUL first", WITH_NUL("\0GET / HTTP/1.1\r\nHost: a\r\n\r\n"), 400, 0},
	{"escape in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: \x1b[2J\r\n\r\n", 0, 400, 0},
	{"DEL in a value", "GET / HTTP/1.1\r\nHost: a\r\nX: \x7f\r\n\r\n", 0, 400, 0},
	{"backspace in the target", "GET /\x08 HTTP/1.1\r\nHost: a\r\n\r\n", 0, 400, 0},
	{"8 bits in the target", "GET /\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n", 0, 400, 0},
	{"8 bits in a name", "GET / HTTP/1.1\r\nHost: a\r\n\xc3\xa9: x\r\n\r\n", 0, 400, 0},
	{"blank in a name", "GET / HTTP/1.1\r\nHost: a\r\nX Y: x\r\n\r\n", 0, 400, 0},
	{"name in quotes", "GET / HTTP/1.1\r\nHost: a\r\n\"X\": x\r\n\r\n", 0, 400, 0},
	{"empty name", "GET / HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n", 0, 400, 0},
	{"no colon", "GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n", 0, 400, 0},
	/* The request line. */
	{"tab between", "GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", 0, 400, 0},
	{"two blanks", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 0, 400, 0},
	{"two blanks before the version", "GET /  HTTP/1.1\r\nHost: a\r\n\r\n", 0, 400, 0},
	{"blank at the end", "GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 0, 0, 0},
	{"blank first", " GET / HTTP/1.1\r\nHost: a\r\n\r\n", 0, 400, 0},
	{"HTTP/0.9", "GET /\r\n\r\n", 0, 505, 0},
	{"HTTP/0.9 with a version", "GET / HTTP/0.9\r\nHost: a\r\n\r\n", 0, 505, 0},
	{"HTTP/1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", 0, 505, 0},
	{"HTTP/2.0", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 0, 505, 0},
	{"http/1.1", "GET / http/1.1\r\nHost: a\r\n\r\n", 0, 0, 0},
	{"HTTP/1.1.1", "GET / HTTP/1.1.1\r\nHost: a\r\n\r\n", 0, 0, 0},
	{"HTTP/11", "GET / HTTP/11\r\nHost: a\r\n\r\n", 0, 0, 0},
	{"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 0, 0, 0},
	{"absolute form", "GET http://hub/ HTTP/1.1\r\nHost: a\r\n\r\n", 0, 400, 0},
	{"authority form", "CONNECT hub:443 HTTP/1.1\r\nHost: a\r\n\r\n", 0, 501, 0},
	{"asterisk form", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 0, 501, 0},
	{"asterisk with GET", "GET * HTTP/1.1\r\nHost: a\r\n\r\n", 0, 400, 0},
	{"fragment", "GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", 0, 400, 0},
	{"no slash", "GET a HTTP/1.1\r\nHost: a\r\n\r\n", 0, 400, 0},
	{"PATCH", "PATCH / HTTP/1.1\r\nHost: a\r\n\r\n", 0, 501, 0},
	{"TRACE", "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", 0, 501, 0},
	{"a method of nobody", "BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 0, 501, 0},
	{"get in small letters", "get / HTTP/1.1\r\nHost: a\r\n\r\n", 0, 501, 0},
	{"an answer instead", "HTTP/1.1 200 OK\r\n\r\n", 0, 0, 0},
	{"a TLS ClientHello", WITH_NUL("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"), 400, 0},
	/* Headers that must be there once. */
	{"no Host", "GET / HTTP/1.1\r\n\r\n", 0, 400, 0},
	{"Host twice", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 0, 400, 0},
	{"Host empty", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 0, 400, 0},
	{"Host with a list", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 0, 400, 0},
	{"Host with a user", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", 0, 400, 0},
	{"Authorization twice", REQ("Authorization: Basic YTpi\r\nAuthorization: Basic YTpj\r\n"),
		0, 400, 0},
	{"Content-Type twice", REQ("Content-Type: a/b\r\nContent-Type: a/b\r\n"), 0, 400, 0},
	{"Expect twice", REQ("Expect: 100-continue\r\nExpect: 100-continue\r\n"), 0, 400, 0},
	{"upgrade", "GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n", 0,
		400, 0},
};

static const struct evil evil_responses[] = {
	{"CL and TE", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\nx",
		0, 0, 0},
	{"CL twice", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx", 0, 0, 0},
	{"gzip, chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 0, 0, 0},
	{"identity", "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\n", 0, 0, 0},
	{"chunk extension", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;a=b\r\nx\r\n",
		0, 0, 0},
	{"chunk size with a letter", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1g\r\nx",
		0, 0, 0},
	{"chunk size with 0x", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x1\r\nx\r\n",
		0, 0, 0},
	{"chunk size with a sign",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n+1\r\nx\r\n", 0, 0, 0},
	{"chunk size of 2^64",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000000\r\nx", 0, 0,
		0},
	{"chunk size then LF", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\nx\r\n", 0,
		0, 0},
	{"chunk longer than its size",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxy\r\n", 0, 0, 0},
	{"chunk end without CR", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\n0",
		0, 0, 0},
	{"trailers", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: y\r\n\r\n", 0, 0,
		0},
	{"body over the limit", "HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n", 0, 413,
		ERR_LIMIT},
	{"chunks over the limit", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n", 1,
		413, ERR_LIMIT}, /* 1: the body is appended by the test */
	{"switching",
		"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", 0,
		0, 0},
	{"interim with a body", "HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\nhello", 0, 0, 0},
	{"too many interims",
		"HTTP/1.1 100 C\r\n\r\nHTTP/1.1 100 C\r\n\r\nHTTP/1.1 100 C\r\n\r\n"
		"HTTP/1.1 100 C\r\n\r\nHTTP/1.1 100 C\r\n\r\n",
		0, 400, ERR_LIMIT},
	{"status 99", "HTTP/1.1 099 Odd\r\n\r\n", 0, 0, 0},
	{"status 600", "HTTP/1.1 600 Odd\r\n\r\n", 0, 0, 0},
	{"status of two digits", "HTTP/1.1 20 OK\r\n\r\n", 0, 0, 0},
	{"status of four digits", "HTTP/1.1 2000 OK\r\n\r\n", 0, 0, 0},
	{"204 with chunks", "HTTP/1.1 204 N\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 0, 0,
		0},
	{"HTTP/2", "HTTP/2 200 OK\r\n\r\n", 0, 0, 0},
	{"ICY", "ICY 200 OK\r\n\r\n", 0, 0, 0},
	{"a request instead", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", 0, 0, 0},
	{"bare LF", "HTTP/1.1 200 OK\nContent-Length: 0\n\n", 0, 0, 0},
	{"folded line", "HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n", 0, 0, 0},
	{"escape in the reason", "HTTP/1.1 200 \x1b[2J\r\n\r\n", 0, 0, 0},
	{"Retry-After twice", "HTTP/1.1 503 X\r\nRetry-After: 1\r\nRetry-After: 2\r\n\r\n", 0, 0,
		0},
	{"SMTP", "220 mail.example ESMTP\r\n", 0, 0, 0},
};

static void check_evil(enum http1_kind kind, const struct evil *e)
{
	size_t len = e->len > 1 ? e->len : strlen(e->bytes);
	char *bytes = malloc(len + 2000);
	assert_non_null(bytes);
	memcpy(bytes, e->bytes, len);
	if (e->len == 1) {
		memset(bytes + len, 'x', 1001);
		len += 1001;
	}
	for (size_t cut = 0; cut <= len; cut++) {
		static struct heard h;
		heard_open(&h, kind);
		int err = feed_cut(&h, bytes, len, cut);
		int want = e->err != 0 ? e->err : ERR_HTTP;
		bool has_ended = strstr(h.text, "end;") != NULL;
		if (err != want || has_ended ||
			(e->refusal != 0 && http1_refusal(&h.http) != e->refusal))
			print_error("%s, cut %zu: heard \"%s\", %s, %d\n", e->name, cut, h.text,
				err_text(err), http1_refusal(&h.http));
		assert_int_equal(err, want);
		assert_false(has_ended);
		assert_true(http1_refusal(&h.http) >= 400);
		if (e->refusal != 0)
			assert_int_equal(http1_refusal(&h.http), e->refusal);
		assert_false(http1_is_idle(&h.http));
	}
	free(bytes);
}

static void test_evil(void **state)
{
	(void)state;
	assert_true(sizeof evil_requests / sizeof evil_requests[0] >= 80);
	for (size_t i = 0; i < sizeof evil_requests / sizeof evil_requests[0]; i++)
		check_evil(HTTP1_REQUESTS, &evil_requests[i]);
	for (size_t i = 0; i < sizeof evil_responses / sizeof evil_responses[0]; i++)
		check_evil(HTTP1_RESPONSES, &evil_responses[i]);
}

/* ---- limits, at the last byte that fits and the first that does not ---- */

/* `before`, n times 'a', `after`. */
static int feed_built(struct heard *h, const char *before, int n, const char *after)
{
	static char filler[20000];
	static char bytes[32000];
	memset(filler, 'a', sizeof filler);
	int len = snprintf(bytes, sizeof bytes, "%s%.*s%s", before, n, filler, after);
	assert_true(len > 0 && (size_t)len < sizeof bytes);
	heard_open(h, HTTP1_REQUESTS);
	return feed_cut(h, bytes, (size_t)len, 0);
}

static void test_limits(void **state)
{
	static struct heard h;
	(void)state;
	const char *after = " HTTP/1.1\r\n" HOST "\r\n";
	assert_int_equal(feed_built(&h, "GET /", LIMIT_HTTP_TARGET - 1, after), 0);
	assert_int_equal(strlen("GET /||end;") + LIMIT_HTTP_TARGET - 1, h.len);
	assert_int_equal(feed_built(&h, "GET /", LIMIT_HTTP_TARGET, after), ERR_LIMIT);
	assert_int_equal(http1_refusal(&h.http), 414);
	assert_int_equal(feed_built(&h, "GET /", 19000, after), ERR_LIMIT);
	assert_int_equal(http1_refusal(&h.http), 414);

	const char *value = "GET / HTTP/1.1\r\n" HOST "X: ";
	after = "\r\n\r\n";
	int rest = LIMIT_HTTP_HEAD - (int)strlen("GET / HTTP/1.1\r\n" HOST "X: \r\n\r\n");
	assert_int_equal(feed_built(&h, value, rest, after), 0);
	assert_string_equal(h.text, "GET /||end;");
	assert_int_equal(feed_built(&h, value, rest + 1, after), ERR_LIMIT);
	assert_int_equal(http1_refusal(&h.http), 431);
	/* A kept value has less room. */
	const char *kept = "GET / HTTP/1.1\r\n" HOST "Authorization: ";
	assert_int_equal(feed_built(&h, kept, 700, after), 0);
	assert_int_equal(feed_built(&h, kept, HTTP1_TEXT_BYTES, after), ERR_LIMIT);
	assert_int_equal(http1_refusal(&h.http), 431);

	for (int more = 0; more < 2; more++) {
		char bytes[4096] = "GET / HTTP/1.1\r\n" HOST;
		for (int i = 1; i < LIMIT_HTTP_HEADERS + more; i++)
			strcat(bytes, "X: y\r\n");
		strcat(bytes, "\r\n");
		heard_open(&h, HTTP1_REQUESTS);
		assert_int_equal(feed_cut(&h, bytes, strlen(bytes), 1), more ? ERR_LIMIT : 0);
		assert_int_equal(http1_refusal(&h.http), more ? 431 : 0);
	}
	/* A head without end is refused at its limit. */
	heard_open(&h, HTTP1_REQUESTS);
	int err = feed(&h, "GET / HTTP/1.1\r\nX: ", 19);
	size_t sent = 19;
	for (; err == 0 && sent < 100000; sent++)
		err = feed(&h, "a", 1);
	assert_int_equal(err, ERR_LIMIT);
	assert_int_equal(sent, LIMIT_HTTP_HEAD + 1);
}

/* ---- where a response ends with its connection ---- */

static void test_finish(void **state)
{
	static struct heard h;
	(void)state;
	const char *until_close = "HTTP/1.1 200 OK\r\n\r\nsome";
	heard_open(&h, HTTP1_RESPONSES);
	assert_int_equal(http1_finish(&h.http), 0);
	for (size_t n = 1; n <= strlen(until_close); n++) {
		heard_open(&h, HTTP1_RESPONSES);
		assert_int_equal(feed(&h, until_close, n), 0);
		assert_int_equal(http1_finish(&h.http), n < 19 ? ERR_SHORT : 0);
		if (n == strlen(until_close))
			assert_string_equal(h.text, "200 close|some|end;");
	}
	const char *framed[] = {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhell\r\n0\r\n\r",
		"HTTP/1.1 100 Continue\r\n\r\n"};
	for (size_t i = 0; i < 3; i++) {
		heard_open(&h, HTTP1_RESPONSES);
		assert_int_equal(feed(&h, framed[i], strlen(framed[i])), 0);
		assert_int_equal(http1_finish(&h.http), ERR_SHORT);
		assert_null(strstr(h.text, "end;"));
	}
	/* The limit holds there too. */
	heard_open(&h, HTTP1_RESPONSES);
	assert_int_equal(feed(&h, until_close, 19), 0);
	int err = 0;
	for (int i = 0; i <= BODY_MAX && err == 0; i++)
		err = feed(&h, "x", 1);
	assert_int_equal(err, ERR_LIMIT);
	assert_int_equal(http1_finish(&h.http), ERR_LIMIT);
}

/* An owner may refuse by its callback. */
static void test_owner_refuses(void **state)
{
	static struct heard h;
	(void)state;
	heard_open(&h, HTTP1_REQUESTS);
	h.fail_head = ERR_AUTH;
	const char *bytes = "POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhello";
	assert_int_equal(feed(&h, bytes, strlen(bytes)), ERR_AUTH);
	assert_string_equal(h.text, "POST / len=5|");
}

/* ---- writing ---- */

static void test_write(void **state)
{
	static char mem[2048];
	struct buf b;
	(void)state;
	buf_over(&b, mem, sizeof mem);
	struct http1_request r = {.method = HTTP1_POST,
		.target = "/v1/batches",
		.host = "hub.example",
		.port = 8443,
		.user = "agent-1",
		.password = "pa:ss",
		.content_type = "a/b",
		.content_length = 77,
		.is_last = true};
	assert_int_equal(http1_put_request(&b, &r), 0);
	const char *want = "POST /v1/batches HTTP/1.1\r\nHost: hub.example:8443\r\n"
			   "Authorization: Basic YWdlbnQtMTpwYTpzcw==\r\nContent-Type: a/b\r\n"
			   "Content-Length: 77\r\nConnection: close\r\n\r\n";
	assert_int_equal(b.len, strlen(want));
	assert_memory_equal(b.data, want, b.len);
	r = (struct http1_request){.method = HTTP1_GET, .target = "/", .host = "::1", .port = 443};
	buf_clear(&b);
	assert_int_equal(http1_put_request(&b, &r), 0);
	assert_int_equal(b.len, strlen("GET / HTTP/1.1\r\nHost: [::1]\r\n\r\n"));
	assert_memory_equal(b.data, "GET / HTTP/1.1\r\nHost: [::1]\r\n\r\n", b.len);

	struct http1_response a = {.status = 401,
		.content_type = "text/plain",
		.content_length = 3,
		.www_authenticate = "Basic realm=\"platen\"",
		.retry_after_s = 9,
		.date_ms = 784111777000,
		.is_last = true};
	buf_clear(&b);
	assert_int_equal(http1_put_response(&b, &a), 0);
	want = "HTTP/1.1 401 Unauthorized\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
	       "Content-Type: text/plain\r\nContent-Length: 3\r\n"
	       "WWW-Authenticate: Basic realm=\"platen\"\r\nRetry-After: 9\r\n"
	       "Connection: close\r\n\r\n";
	assert_int_equal(b.len, strlen(want));
	assert_memory_equal(b.data, want, b.len);
	a = (struct http1_response){.status = 100};
	buf_clear(&b);
	assert_int_equal(http1_put_response(&b, &a), 0);
	assert_int_equal(b.len, 25);
	assert_memory_equal(b.data, "HTTP/1.1 100 Continue\r\n\r\n", 25);
}

/* What we write we read, and nothing that a caller passes makes a line of its own. */
static void test_write_is_safe(void **state)
{
	static char mem[2048];
	struct buf b;
	(void)state;
	const char *bad[] = {"a\r\nX: y", "a\nb", "a\rb", "\x1b", "\x7f", "a\tb"};
	buf_over(&b, mem, sizeof mem);
	assert_int_equal(buf_put_text(&b, "kept"), 0);
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		char target[32];
		struct http1_request good = {.target = "/", .host = "h"};
		struct http1_request r = good;
		(void)snprintf(target, sizeof target, "/%s", bad[i]);
		r.target = target;
		assert_int_equal(http1_put_request(&b, &r), ERR_FORMAT);
		r = good;
		r.host = bad[i];
		assert_int_equal(http1_put_request(&b, &r), ERR_FORMAT);
		r = good;
		r.content_type = bad[i];
		assert_int_equal(http1_put_request(&b, &r), ERR_FORMAT);
		r = good;
		r.user = bad[i];
		assert_int_equal(http1_put_request(&b, &r), ERR_FORMAT);
		r = good;
		r.user = "a";
		r.password = bad[i];
		assert_int_equal(http1_put_request(&b, &r), ERR_FORMAT);
		struct http1_response a = {.status = 200, .content_type = bad[i]};
		assert_int_equal(http1_put_response(&b, &a), ERR_FORMAT);
		a = (struct http1_response){.status = 401, .www_authenticate = bad[i]};
		assert_int_equal(http1_put_response(&b, &a), ERR_FORMAT);
		assert_int_equal(b.len, 4);
	}
	struct http1_request r = {.target = "nothing", .host = "h"};
	assert_int_equal(http1_put_request(&b, &r), ERR_FORMAT);
	r = (struct http1_request){.target = "/a b", .host = "h"};
	assert_int_equal(http1_put_request(&b, &r), ERR_FORMAT);
	r = (struct http1_request){.target = "/", .host = "h", .user = "a:b"};
	assert_int_equal(http1_put_request(&b, &r), ERR_FORMAT);
	char longest[LIMIT_PASSWORD + 2];
	memset(longest, 'p', sizeof longest);
	longest[LIMIT_PASSWORD + 1] = '\0';
	r = (struct http1_request){.target = "/", .host = "h", .user = "a", .password = longest};
	assert_int_equal(http1_put_request(&b, &r), ERR_LIMIT);
	struct http1_response a = {.status = 99};
	assert_int_equal(http1_put_response(&b, &a), ERR_RANGE);
	/* A full buffer keeps what it had. */
	buf_over(&b, mem, 20);
	assert_int_equal(buf_put_text(&b, "kept"), 0);
	a.status = 200;
	assert_int_equal(http1_put_response(&b, &a), ERR_FULL);
	assert_int_equal(b.len, 4);
	for (int status = 100; status < 600; status++)
		assert_non_null(http1_reason(status));
}

static void test_basic(void **state)
{
	char user[LIMIT_USER + 1];
	char password[LIMIT_PASSWORD + 1];
	(void)state;
	struct {
		const char *text;
		int err;
		const char *user;
		const char *password;
	} cases[] = {
		{"Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", 0, "Aladdin", "open sesame"},
		{"basic dGVzdDoxMjPCow==", 0, "test", "123\xc2\xa3"},
		{"BASIC   YTpi", 0, "a", "b"},
		{"Basic YTpiOmM=", 0, "a", "b:c"},
		{"Basic Og==", 0, "", ""},
		{"Basic YWI=", ERR_FORMAT, NULL, NULL},     /* no colon */
		{"Basic YTpi=", ERR_FORMAT, NULL, NULL},    /* padding where none belongs */
		{"Basic YTpiOmM", ERR_FORMAT, NULL, NULL},  /* padding missing */
		{"Basic YTpiOmN=", ERR_FORMAT, NULL, NULL}, /* bits that no byte uses */
		{"Basic YT=i", ERR_FORMAT, NULL, NULL},
		{"Basic Y===", ERR_FORMAT, NULL, NULL},
		{"Basic YTpiYTpi YTpi", ERR_FORMAT, NULL, NULL},
		{"Basic YTp-", ERR_FORMAT, NULL, NULL},
		{"Basic YQo6Yg==", ERR_FORMAT, NULL, NULL}, /* a line feed in the user */
		{"Basic YTr/", ERR_FORMAT, NULL, NULL},     /* no UTF-8 */
		{"Basic YToA", ERR_FORMAT, NULL, NULL},     /* NUL in the password */
		{"Basic ", ERR_FORMAT, NULL, NULL},
		{"Basic", ERR_FORMAT, NULL, NULL},
		{"Bearer YTpi", ERR_FORMAT, NULL, NULL},
		{"", ERR_FORMAT, NULL, NULL},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int err = http1_read_basic(
			cases[i].text, user, sizeof user, password, sizeof password);
		if (err != cases[i].err)
			print_error("%s\n", cases[i].text);
		assert_int_equal(err, cases[i].err);
		if (err == 0) {
			assert_string_equal(user, cases[i].user);
			assert_string_equal(password, cases[i].password);
		}
	}
	/* Every length of password goes round. */
	for (size_t n = 0; n <= LIMIT_PASSWORD; n++) {
		static char mem[1024];
		static struct heard h;
		struct buf b;
		char sent[LIMIT_PASSWORD + 1];
		for (size_t i = 0; i < n; i++)
			sent[i] = (char)(' ' + (i * 7 + n) % 95);
		sent[n] = '\0';
		struct http1_request r = {
			.target = "/", .host = "h", .user = "u", .password = sent};
		buf_over(&b, mem, sizeof mem);
		assert_int_equal(http1_put_request(&b, &r), 0);
		heard_open(&h, HTTP1_REQUESTS);
		assert_int_equal(http1_feed(&h.http, b.data, b.len), (int)b.len);
		assert_int_equal(http1_read_basic(h.http.head.authorization, user, sizeof user,
					 password, sizeof password),
			0);
		assert_string_equal(user, "u");
		assert_string_equal(password, sent);
		if (n > 0)
			assert_int_equal(http1_read_basic(h.http.head.authorization, user,
						 sizeof user, password, n),
				ERR_LIMIT);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_evil),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_finish),
		cmocka_unit_test(test_owner_refuses),
		cmocka_unit_test(test_write),
		cmocka_unit_test(test_write_is_safe),
		cmocka_unit_test(test_basic),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
