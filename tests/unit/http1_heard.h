/* SPDX-License-Identifier: Apache-2.0
 * Shared by the tests of HTTP/1.1: a reader that notes messages as text, and bytes fed whole,
 * one by one, or cut in two. */
#ifndef PLATEN_TESTS_HTTP1_HEARD_H
#define PLATEN_TESTS_HTTP1_HEARD_H

#include "proto/base/str.h"
#include "proto/http/http1.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HOST "Host: hub.example\r\n"

enum { BODY_MAX = 1000 };

/* The received messages, as text: "POST /x 5 ka|hello|end". */
struct heard {
	char text[4096];
	size_t len;
	struct http1 http;
	int fail_head;
};

static inline void note(struct heard *h, const char *fmt, ...) PRINTF_LIKE(2, 3);

static inline void note(struct heard *h, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	int n = vsnprintf(h->text + h->len, sizeof h->text - h->len, fmt, ap);
	va_end(ap);
	assert_true(n >= 0 && h->len + (size_t)n < sizeof h->text);
	h->len += (size_t)n;
}

static inline int on_head(void *owner, const struct http1_head *head)
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
	if (head->location[0] != '\0')
		note(h, " location=%s", head->location);
	if (head->date[0] != '\0')
		note(h, " date=%s", head->date);
	note(h, "|");
	return h->fail_head;
}

static inline int on_body(void *owner, const uint8_t *bytes, size_t len)
{
	assert_true(len > 0);
	note(owner, "%.*s", (int)len, (const char *)bytes);
	return 0;
}

static inline int on_end(void *owner)
{
	note(owner, "|end;");
	return 0;
}

static const struct http1_events events = {on_head, on_body, on_end};

static inline void heard_open(struct heard *h, enum http1_kind kind)
{
	memset(h, 0, sizeof *h);
	http1_open(&h->http, kind, BODY_MAX, &events, h);
	assert_true(http1_is_idle(&h->http));
}

/* Feeds and goes on to the next message where one ends. Returns 0 or the error. */
static inline int feed(struct heard *h, const char *bytes, size_t len)
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
static inline int feed_cut(struct heard *h, const char *bytes, size_t len, size_t cut)
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

#endif
