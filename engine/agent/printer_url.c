/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/agent/printer_url.h"

#include "proto/base/str.h"

#include <string.h>

/* Copies the name or address. Returns what follows it, or NULL. */
static const char *parse_host(struct printer_url *u, const char *at)
{
	bool has_brackets = *at == '[';
	const char *from = has_brackets ? at + 1 : at;
	size_t len = strcspn(from, has_brackets ? "]" : ":/");
	const char *second = strchr(from + len, ':');
	/* An IPv6 address without brackets has more than one colon, and no port. */
	if (!u->is_ipp && !has_brackets && second != NULL && strchr(second + 1, ':') != NULL)
		len = strlen(from);
	if (len == 0 || len >= sizeof u->host || (has_brackets && from[len] != ']'))
		return NULL;
	memcpy(u->host, from, len);
	u->host[len] = '\0';
	return from + len + (has_brackets ? 1 : 0);
}

/* Returns what follows ":PORT", `at` itself where there is none, or NULL. */
static const char *parse_port(struct printer_url *u, const char *at)
{
	char digits[8] = "";
	uint64_t port;
	if (*at != ':')
		return at;
	size_t len = strcspn(at + 1, "/");
	if (len >= sizeof digits)
		return NULL;
	memcpy(digits, at + 1, len);
	if (str_to_u64(digits, 1, UINT16_MAX, &port) < 0)
		return NULL;
	u->port = (uint16_t)port;
	return at + 1 + len;
}

/* The characters of RFC 3986 that the URL of a printer needs: no user, no query, no fragment. */
static bool is_url_text(const char *at)
{
	for (; *at != '\0'; at++) {
		bool is_word = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') ||
			       (*at >= '0' && *at <= '9');
		if (!is_word && strchr("-._~:/[]%", *at) == NULL)
			return false;
	}
	return true;
}

int printer_url_parse(struct printer_url *ret, const char *text, const char **why)
{
	static const char plain[] = "ipp://", secured[] = "ipps://";
	*ret = (struct printer_url){.is_tls = strncmp(text, secured, sizeof secured - 1) == 0};
	ret->is_ipp = ret->is_tls || strncmp(text, plain, sizeof plain - 1) == 0;
	const char *at = text;
	if (ret->is_ipp)
		at += (ret->is_tls ? sizeof secured : sizeof plain) - 1;
	*why = ret->is_ipp ? "a URL is ipp://HOST[:PORT][/PATH] or ipps://..., without a user"
			   : "HOST is a name, an address, HOST:PORT or [IPV6]:PORT";
	if (ret->is_ipp && !is_url_text(at))
		return ERR_USAGE;
	at = parse_host(ret, at);
	at = at == NULL ? NULL : parse_port(ret, at);
	if (at == NULL || (*at != '\0' && (*at != '/' || !ret->is_ipp)))
		return ERR_USAGE;
	return str_copy(ret->path, sizeof ret->path, at) == strlen(at) ? 0 : ERR_USAGE;
}
