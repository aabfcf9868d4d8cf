/* SPDX-License-Identifier: Apache-2.0
 * Heads of HTTP/1.1 messages. A control character in any string is ERR_FORMAT, so that no caller's
 * text can add a header. On an error the buffer is as it was. */
#include "proto/http/http1.h"
#include "proto/http/http1_internal.h"

#include <stdio.h>
#include <string.h>

static bool is_clean(const char *text)
{
	for (const uint8_t *p = (const uint8_t *)text; *p != 0; p++) {
		if (*p < ' ' || *p == 0x7f)
			return false;
	}
	return true;
}

static void put_header(struct writer *w, const char *name, const char *value)
{
	if (value == NULL)
		return;
	if (!is_clean(value))
		writer_fail(w, ERR_FORMAT);
	writer_printf(w, "%s: %s\r\n", name, value);
}

static void put_host(struct writer *w, const char *host, uint16_t port)
{
	bool is_v6 = strchr(host, ':') != NULL;
	if (host[0] == '\0' || !is_clean(host) || strchr(host, ' ') != NULL)
		writer_fail(w, ERR_FORMAT);
	writer_printf(w, is_v6 ? "Host: [%s]" : "Host: %s", host);
	if (port != 0 && port != 443)
		writer_printf(w, ":%u", port);
	writer_str(w, "\r\n");
}

static void put_authorization(struct writer *w, const struct http1_request *r)
{
	if (r->user == NULL)
		return;
	writer_str(w, "Authorization: ");
	http1_put_basic(w, r->user, r->password != NULL ? r->password : "");
	writer_str(w, "\r\n");
}

int http1_put_request(struct buf *b, const struct http1_request *r)
{
	static const char *const methods[] = {[HTTP1_GET] = "GET",
		[HTTP1_HEAD] = "HEAD",
		[HTTP1_POST] = "POST",
		[HTTP1_PUT] = "PUT",
		[HTTP1_DELETE] = "DELETE"};
	struct writer w;
	bool has_body = r->method == HTTP1_POST || r->method == HTTP1_PUT;
	if (r->target == NULL || r->target[0] != '/' || !is_clean(r->target) ||
		strchr(r->target, ' ') != NULL || r->host == NULL)
		return ERR_FORMAT;
	writer_open(&w, b);
	writer_printf(&w, "%s %s HTTP/1.1\r\n", methods[r->method], r->target);
	put_host(&w, r->host, r->port);
	put_authorization(&w, r);
	put_header(&w, "Content-Type", r->content_type);
	if (has_body)
		writer_printf(&w, "Content-Length: %ju\r\n", r->content_length);
	put_header(&w, "Connection", r->is_last ? "close" : NULL);
	writer_str(&w, "\r\n");
	return writer_close(&w);
}

int http1_put_connect(
	struct buf *b, const char *host, uint16_t port, const char *user, const char *password)
{
	struct writer w;
	bool is_v6 = strchr(host, ':') != NULL;
	const char *left = is_v6 ? "[" : "", *right = is_v6 ? "]" : "";
	if (host[0] == '\0' || !is_clean(host) || strchr(host, ' ') != NULL)
		return ERR_FORMAT;
	writer_open(&w, b);
	writer_printf(&w, "CONNECT %s%s%s:%u HTTP/1.1\r\nHost: %s%s%s:%u\r\n", left, host, right,
		port, left, host, right, port);
	if (user != NULL) {
		writer_str(&w, "Proxy-Authorization: ");
		http1_put_basic(&w, user, password != NULL ? password : "");
		writer_str(&w, "\r\n");
	}
	writer_str(&w, "\r\n");
	return writer_close(&w);
}

/* The headers of a final response; an interim one has none. */
static void put_response_headers(struct writer *w, const struct http1_response *r)
{
	http1_put_date(w, r->date_ms);
	put_header(w, "Content-Type", r->content_type);
	if (r->status != 204)
		writer_printf(w, "Content-Length: %ju\r\n", r->content_length);
	put_header(w, "WWW-Authenticate", r->www_authenticate);
	if (r->retry_after_s > 0)
		writer_printf(w, "Retry-After: %u\r\n", r->retry_after_s);
	put_header(w, "Connection", r->is_last ? "close" : NULL);
}

int http1_put_response(struct buf *b, const struct http1_response *r)
{
	struct writer w;
	if (r->status < 100 || r->status > 599)
		return ERR_RANGE;
	writer_open(&w, b);
	writer_printf(&w, "HTTP/1.1 %d %s\r\n", r->status, http1_reason(r->status));
	if (r->status >= 200)
		put_response_headers(&w, r);
	writer_str(&w, "\r\n");
	return writer_close(&w);
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
