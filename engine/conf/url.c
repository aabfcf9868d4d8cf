/* SPDX-License-Identifier: Apache-2.0
 * The hub's URL (RFC 3986, the part that platen accepts): https, a name or an address in brackets,
 * a port, a path; and the proxy's, which is http, a name or an address, and a port. No user, query
 * or fragment: nothing secret can hide in it. */
#include "engine/conf/load.h"

#include "proto/base/str.h"

#include <arpa/inet.h>
#include <string.h>

static int say(char *why, size_t cap, const char *text)
{
	(void)str_copy(why, cap, text);
	return ERR_CONF;
}

static bool is_host_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

static bool is_path_char(char c)
{
	return is_host_char(c) || (c >= 'A' && c <= 'Z') || c == '/' || c == '~';
}

static int take_host(struct conf_url *u, const char *p, size_t n)
{
	if (n == 0 || n >= sizeof u->host)
		return ERR_FORMAT;
	for (size_t i = 0; i < n; i++) {
		char c = p[i] >= 'A' && p[i] <= 'Z' ? (char)(p[i] - 'A' + 'a') : p[i];
		if (!is_host_char(c))
			return ERR_FORMAT;
		u->host[i] = c;
	}
	u->host[n] = '\0';
	return u->host[0] == '.' || u->host[0] == '-' ? ERR_FORMAT : 0;
}

static int take_address(struct conf_url *u, const char *p, size_t n)
{
	uint8_t address[16];
	if (n == 0 || n >= sizeof u->host)
		return ERR_FORMAT;
	memcpy(u->host, p, n);
	u->host[n] = '\0';
	return inet_pton(AF_INET6, u->host, address) == 1 ? 0 : ERR_FORMAT;
}

static int take_path(struct conf_url *u, const char *p)
{
	size_t n = strlen(p);
	if (n + 2 > sizeof u->path)
		return ERR_FORMAT;
	for (size_t i = 0; i < n; i++) {
		if (!is_path_char(p[i]))
			return ERR_FORMAT;
	}
	memcpy(u->path, p, n);
	if (n == 0 || u->path[n - 1] != '/')
		u->path[n++] = '/';
	u->path[n] = '\0';
	return strstr(u->path, "//") != NULL || strstr(u->path, "/./") != NULL ||
			       strstr(u->path, "/../") != NULL
		       ? ERR_FORMAT
		       : 0;
}

/* The part behind the scheme; ret->port is the default. */
static int parse(struct conf_url *ret, const char *p, char *why, size_t why_cap)
{
	struct conf_url u = *ret;
	const char *end = p + strcspn(p, "/?#");
	int err;
	const char *after;
	if (*p == '[') {
		const char *bracket = memchr(p, ']', (size_t)(end - p));
		after = bracket == NULL ? end : bracket + 1;
		err = bracket == NULL ? ERR_FORMAT
				      : take_address(&u, p + 1, (size_t)(bracket - p - 1));
	} else {
		const char *colon = memchr(p, ':', (size_t)(end - p));
		after = colon == NULL ? end : colon;
		err = take_host(&u, p, (size_t)(after - p));
	}
	if (err < 0)
		return say(why, why_cap, "has no valid host");
	if (after != end) {
		char digits[8] = "";
		size_t n = (size_t)(end - after) - 1;
		uint64_t port = 0;
		if (*after == ':' && n < sizeof digits) {
			memcpy(digits, after + 1, n);
			digits[n] = '\0';
		}
		if (str_to_u64(digits, 1, 65535, &port) < 0)
			return say(why, why_cap, "has a port that is not 1 to 65535");
		u.port = (uint16_t)port;
	}
	if (*end == '?' || *end == '#' || take_path(&u, end) < 0)
		return say(why, why_cap,
			"has a path that is not made of letters, digits, '-', '.', '_', '~' and "
			"'/'");
	*ret = u;
	return 0;
}

static bool has_user(const char *p)
{
	return memchr(p, '@', strcspn(p, "/?#")) != NULL;
}

int conf_url_parse(struct conf_url *ret, const char *text, char *why, size_t why_cap)
{
	static const char scheme[] = "https://";
	const char *p = text + sizeof scheme - 1;
	if (strncmp(text, scheme, sizeof scheme - 1) != 0)
		return say(why, why_cap, "does not begin with https://");
	if (has_user(p))
		return say(
			why, why_cap, "holds a user: use hub.user and hub.password_file instead");
	*ret = (struct conf_url){.port = 443};
	return parse(ret, p, why, why_cap);
}

int conf_proxy_parse(struct conf_url *ret, const char *text, char *why, size_t why_cap)
{
	static const char scheme[] = "http://";
	const char *p = text + sizeof scheme - 1;
	if (strncmp(text, scheme, sizeof scheme - 1) != 0)
		return say(why, why_cap,
			"does not begin with http://, the only way to a proxy that is supported");
	if (has_user(p))
		return say(why, why_cap,
			"holds a user: use hub.proxy_user and hub.proxy_password_file instead");
	*ret = (struct conf_url){.port = 0};
	int err = parse(ret, p, why, why_cap);
	if (err == 0 && ret->port == 0)
		return say(why, why_cap, "names no port");
	if (err == 0 && strcmp(ret->path, "/") != 0)
		return say(why, why_cap, "has a path, which a proxy has not");
	return err;
}
