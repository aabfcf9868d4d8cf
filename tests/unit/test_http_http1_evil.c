/* SPDX-License-Identifier: Apache-2.0
 * Messages that are not HTTP/1.1 as we accept it are refused at every cut, with the right status,
 * and none is completed. */
#include "tests/unit/http1_heard.h"

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
	{"an unknown method", "BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 0, 501, 0},
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_evil),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
