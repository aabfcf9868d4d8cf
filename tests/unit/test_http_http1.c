/* SPDX-License-Identifier: Apache-2.0
 * HTTP/1.1 as we accept it. Each case is fed whole, byte by byte, and cut in two at every place:
 * what is heard must be the same. */
#include "tests/unit/http1_heard.h"

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
	{"HTTP/1.1 302 Found\r\nLocation: https://portal.example/a\r\nLocation: /b\r\n"
	 "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nDate: never\r\nContent-Length: 0\r\n\r\n",
		"302 len=0 location=https://portal.example/a date=Sun, 06 Nov 1994 08:49:37 "
		"GMT||end;"},
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

/* It is cut, since its host is all that is wanted of it. */
static void test_long_location_is_cut(void **state)
{
	static struct heard h;
	char head[4096], location[2001];
	(void)state;
	memset(location, 'x', 2000);
	location[2000] = '\0';
	int n = snprintf(head, sizeof head,
		"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: %s\r\n\r\n", location);
	for (size_t cut = 0; cut <= (size_t)n; cut += 97) {
		heard_open(&h, HTTP1_RESPONSES);
		assert_int_equal(feed_cut(&h, head, (size_t)n, cut), 0);
		assert_int_equal(
			strlen(h.text), strlen("302 len=0 location=||end;") + HTTP1_LOCATION_BYTES);
	}
}

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

/* A callback of the owner may return an error. */
static void test_error_of_the_owner_ends_the_feed(void **state)
{
	static struct heard h;
	(void)state;
	heard_open(&h, HTTP1_REQUESTS);
	h.fail_head = ERR_AUTH;
	const char *bytes = "POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhello";
	assert_int_equal(feed(&h, bytes, strlen(bytes)), ERR_AUTH);
	assert_string_equal(h.text, "POST / len=5|");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_long_location_is_cut),
		cmocka_unit_test(test_finish),
		cmocka_unit_test(test_error_of_the_owner_ends_the_feed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
