/* SPDX-License-Identifier: Apache-2.0
 * HTTP/1.1 from anybody. The first byte says which side we are and how the rest is cut; whatever
 * the cut, the same must be heard as when it comes in one piece. */
#include "proto/http/http1.h"

#include "proto/base/crc.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BODY_MAX = 4096 };

struct heard {
	uint32_t digest;
	unsigned ends;
	uint64_t body;
	bool is_open;
};

static void note(struct heard *h, const void *bytes, size_t len)
{
	h->digest = crc32c(h->digest, bytes, len);
}

static int on_head(void *owner, const struct http1_head *head)
{
	struct heard *h = owner;
	const char *texts[] = {head->authorization, head->content_type, head->expect,
		head->retry_after, head->www_authenticate, head->location, head->date,
		head->target};
	if (h->is_open)
		abort();
	h->is_open = true;
	h->body = 0;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		for (const char *p = texts[i]; *p != '\0'; p++) {
			if ((unsigned char)*p < ' ' && *p != '\t')
				abort();
		}
		note(h, texts[i], strlen(texts[i]) + 1);
	}
	note(h, &head->status, sizeof head->status);
	if (head->has_length && head->is_chunked)
		abort();
	return 0;
}

static int on_body(void *owner, const uint8_t *bytes, size_t len)
{
	struct heard *h = owner;
	h->body += len;
	if (!h->is_open || len == 0 || h->body > BODY_MAX)
		abort();
	note(h, bytes, len);
	return 0;
}

static int on_end(void *owner)
{
	struct heard *h = owner;
	if (!h->is_open)
		abort();
	h->is_open = false;
	h->ends++;
	return 0;
}

static const struct http1_events events = {on_head, on_body, on_end};

static int run(struct heard *h, enum http1_kind kind, const uint8_t *bytes, size_t len, size_t step)
{
	struct http1 http;
	char user[LIMIT_USER + 1];
	char password[LIMIT_PASSWORD + 1];
	*h = (struct heard){0};
	http1_open(&http, kind, BODY_MAX, &events, h);
	for (size_t at = 0; at < len;) {
		size_t n = len - at < step ? len - at : step;
		int taken = http1_feed(&http, bytes + at, n);
		if (taken < 0) {
			if (http1_refusal(&http) < 400 || http1_refusal(&http) > 599)
				abort();
			return taken;
		}
		if ((size_t)taken > n || ((size_t)taken < n && !http1_is_ended(&http)))
			abort();
		at += (size_t)taken;
		if (http1_is_ended(&http)) {
			(void)!http1_read_basic(http.head.authorization, user, sizeof user,
				password, sizeof password);
			http1_next(&http);
		}
	}
	return http1_finish(&http);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct heard whole;
	struct heard cut;
	if (size < 1)
		return 0;
	enum http1_kind kind = data[0] & 1 ? HTTP1_RESPONSES : HTTP1_REQUESTS;
	size_t step = 1 + (data[0] >> 1) % 16;
	int a = run(&whole, kind, data + 1, size - 1, size);
	int b = run(&cut, kind, data + 1, size - 1, step);
	if (a != b || whole.ends != cut.ends || whole.is_open != cut.is_open)
		abort();
	/* Where reading ends in an error, how much of a body was heard before it may differ. */
	if (a == 0 && whole.digest != cut.digest)
		abort();
	return 0;
}
