/* SPDX-License-Identifier: Apache-2.0
 * HTTP/1.1 as we write it, and Basic credentials both ways. */
#include "tests/unit/http1_heard.h"

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

static void test_dates(void **state)
{
	(void)state;
	static const char *const good[] = {"Sun, 06 Nov 1994 08:49:37 GMT",
		"Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"};
	static const char *const bad[] = {"", "0", "soon", "Sun, 06 Nov 1994 08:49:37",
		"Sun, 06 Nov 1994 08:49:37 CET", "Sun, 06 Nox 1994 08:49:37 GMT",
		"Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT",
		"Sun, 06 Nov 1969 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT x",
		"Sun, -6 Nov 1994 08:49:37 GMT"};
	uint64_t at_ms;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		assert_int_equal(http1_read_date(good[i], &at_ms), 0);
		assert_int_equal(at_ms, 784111777000);
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_int_equal(http1_read_date(bad[i], &at_ms), ERR_FORMAT);
	assert_int_equal(http1_read_date("Thu, 31 Dec 2099 23:59:60 GMT", &at_ms), 0);
	assert_int_equal(http1_read_date("Friday, 01-Jan-38 00:00:00 GMT", &at_ms), 0);
	assert_int_equal(at_ms, 2145916800000);
}

/* Our own output can be read, and nothing that a caller passes makes a line of its own. */
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
		cmocka_unit_test(test_write),
		cmocka_unit_test(test_dates),
		cmocka_unit_test(test_write_is_safe),
		cmocka_unit_test(test_basic),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
