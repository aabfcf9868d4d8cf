/* SPDX-License-Identifier: Apache-2.0
 * Writing heads of HTTP/1.1. Whatever strings come in, no line of the caller's making goes out: a
 * control character is an error. On an error the buffer is as it was. */
#include "proto/http/http1_internal.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static bool is_clean(const char *text)
{
	for (const uint8_t *p = (const uint8_t *)text; *p != 0; p++) {
		if (*p < ' ' || *p == 0x7f)
			return false;
	}
	return true;
}

static int put_header(struct buf *b, const char *name, const char *value)
{
	if (value == NULL)
		return 0;
	if (!is_clean(value))
		return ERR_FORMAT;
	return buf_printf(b, "%s: %s\r\n", name, value);
}

static const char *method_name(enum http1_method method)
{
	switch (method) {
	case HTTP1_GET:
		return "GET";
	case HTTP1_HEAD:
		return "HEAD";
	case HTTP1_POST:
		return "POST";
	case HTTP1_PUT:
		return "PUT";
	case HTTP1_DELETE:
		return "DELETE";
	}
	return "GET";
}

static int put_host(struct buf *b, const char *host, uint16_t port)
{
	bool is_v6 = strchr(host, ':') != NULL;
	if (host[0] == '\0' || !is_clean(host) || strchr(host, ' ') != NULL)
		return ERR_FORMAT;
	int err = buf_printf(b, is_v6 ? "Host: [%s]" : "Host: %s", host);
	if (err == 0 && port != 0 && port != 443)
		err = buf_printf(b, ":%u", port);
	return err < 0 ? err : buf_put_text(b, "\r\n");
}

static int put_authorization(struct buf *b, const struct http1_request *r)
{
	if (r->user == NULL)
		return 0;
	int err = buf_put_text(b, "Authorization: ");
	if (err == 0)
		err = http1_put_basic(b, r->user, r->password != NULL ? r->password : "");
	return err < 0 ? err : buf_put_text(b, "\r\n");
}

static int put_request(struct buf *b, const struct http1_request *r)
{
	bool has_body = r->method == HTTP1_POST || r->method == HTTP1_PUT;
	if (r->target == NULL || r->target[0] != '/' || !is_clean(r->target) ||
		strchr(r->target, ' ') != NULL || r->host == NULL)
		return ERR_FORMAT;
	int err = buf_printf(b, "%s %s HTTP/1.1\r\n", method_name(r->method), r->target);
	if (err == 0)
		err = put_host(b, r->host, r->port);
	if (err == 0)
		err = put_authorization(b, r);
	if (err == 0)
		err = put_header(b, "Content-Type", r->content_type);
	if (err == 0 && has_body)
		err = buf_printf(
			b, "Content-Length: %llu\r\n", (unsigned long long)r->content_length);
	if (err == 0)
		err = put_header(b, "Connection", r->is_last ? "close" : NULL);
	return err < 0 ? err : buf_put_text(b, "\r\n");
}

int http1_put_request(struct buf *b, const struct http1_request *r)
{
	size_t before = b->len;
	int err = put_request(b, r);
	if (err < 0)
		b->len = before;
	return err;
}

/* IMF-fixdate, always in English (RFC 9110 section 5.6.7). */
static int put_date(struct buf *b, uint64_t date_ms)
{
	static const char days[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char months[12][4] = {
		"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	time_t seconds = (time_t)(date_ms / 1000);
	struct tm tm;
	if (date_ms == 0 || gmtime_r(&seconds, &tm) == NULL || tm.tm_year > 8099)
		return 0;
	return buf_printf(b, "Date: %s, %02d %s %04d %02d:%02d:%02d GMT\r\n", days[tm.tm_wday],
		tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static int put_response(struct buf *b, const struct http1_response *r)
{
	if (r->status < 100 || r->status > 599)
		return ERR_RANGE;
	int err = buf_printf(b, "HTTP/1.1 %d %s\r\n", r->status, http1_reason(r->status));
	if (err < 0 || r->status < 200)
		return err < 0 ? err : buf_put_text(b, "\r\n"); /* interim: only the status */
	err = put_date(b, r->date_ms);
	if (err == 0)
		err = put_header(b, "Content-Type", r->content_type);
	if (err == 0 && r->status != 204)
		err = buf_printf(
			b, "Content-Length: %llu\r\n", (unsigned long long)r->content_length);
	if (err == 0)
		err = put_header(b, "WWW-Authenticate", r->www_authenticate);
	if (err == 0 && r->retry_after_s > 0)
		err = buf_printf(b, "Retry-After: %u\r\n", r->retry_after_s);
	if (err == 0)
		err = put_header(b, "Connection", r->is_last ? "close" : NULL);
	return err < 0 ? err : buf_put_text(b, "\r\n");
}

int http1_put_response(struct buf *b, const struct http1_response *r)
{
	size_t before = b->len;
	int err = put_response(b, r);
	if (err < 0)
		b->len = before;
	return err;
}

struct reason {
	int status;
	const char *text;
};

const char *http1_reason(int status)
{
	static const struct reason reasons[] = {
		{100, "Continue"},
		{200, "OK"},
		{201, "Created"},
		{202, "Accepted"},
		{204, "No Content"},
		{304, "Not Modified"},
		{400, "Bad Request"},
		{401, "Unauthorized"},
		{403, "Forbidden"},
		{404, "Not Found"},
		{405, "Method Not Allowed"},
		{408, "Request Timeout"},
		{409, "Conflict"},
		{411, "Length Required"},
		{413, "Content Too Large"},
		{414, "URI Too Long"},
		{415, "Unsupported Media Type"},
		{417, "Expectation Failed"},
		{422, "Unprocessable Content"},
		{429, "Too Many Requests"},
		{431, "Request Header Fields Too Large"},
		{500, "Internal Server Error"},
		{501, "Not Implemented"},
		{503, "Service Unavailable"},
		{505, "HTTP Version Not Supported"},
		{507, "Insufficient Storage"},
	};
	for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
		if (reasons[i].status == status)
			return reasons[i].text;
	}
	return "Status";
}
