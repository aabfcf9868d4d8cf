/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/agent/printer_url.h"

#include "proto/base/str.h"
#include "proto/reading/reading_merge.h"

#include <string.h>

enum { IPP_PORT = 631 };

/* Name or address, the latter of IPv6 in brackets. Returns what stands behind it, or NULL. */
static const char *take_host(struct agent_ipp_url *parts, const char *at)
{
	bool is_v6 = *at == '[';
	const char *from = is_v6 ? at + 1 : at;
	size_t len = strcspn(from, is_v6 ? "]" : ":/");
	if (len == 0 || len >= sizeof parts->host || (is_v6 && from[len] != ']'))
		return NULL;
	memcpy(parts->host, from, len);
	parts->host[len] = '\0';
	return from + len + (is_v6 ? 1 : 0);
}

static const char *take_port(const char *at, uint16_t *ret)
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
	*ret = (uint16_t)port;
	return at + 1 + len;
}

/* RFC 3986 without what nobody needs here; nothing secret can hide in it. */
static bool is_url_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       strchr("-._~:/[]%", c) != NULL;
}

static bool is_url_text(const char *at)
{
	for (; *at != '\0'; at++) {
		if (!is_url_char(*at))
			return false;
	}
	return true;
}

int agent_ipp_take_url(struct agent_poll_options *o, struct agent_ipp_url *parts, const char **why)
{
	static const char plain[] = "ipp://", secured[] = "ipps://";
	bool is_tls = strncmp(o->host, secured, sizeof secured - 1) == 0;
	if (!is_tls && strncmp(o->host, plain, sizeof plain - 1) != 0)
		return 0;
	const char *at = o->host + (is_tls ? sizeof secured : sizeof plain) - 1;
	*why = "a URL is ipp://HOST[:PORT][/PATH] or ipps://..., without a user";
	if (!is_url_text(at) || (at = take_host(parts, at)) == NULL ||
		(at = take_port(at, &o->ipp_port)) == NULL || (*at != '\0' && *at != '/') ||
		str_copy(parts->path, sizeof parts->path, at) != strlen(at))
		return ERR_USAGE;
	o->host = parts->host;
	o->ipp_path = *at != '\0' ? parts->path : NULL;
	o->is_ipps = is_tls;
	o->ipp_mode = IPP_MODE_ONLY;
	return 1;
}

static int mode_from_text(const char *text)
{
	static const char *const words[] = {[IPP_MODE_OFF] = "off",
		[IPP_MODE_AUTO] = "auto",
		[IPP_MODE_ALWAYS] = "always",
		[IPP_MODE_ONLY] = "only"};
	for (int i = IPP_MODE_OFF; i <= IPP_MODE_ONLY; i++) {
		if (strcmp(text, words[i]) == 0)
			return i;
	}
	return ERR_USAGE;
}

int agent_ipp_take(const struct cli *cli, struct agent_poll_options *o, struct agent_ipp_url *parts)
{
	const char *why = "";
	const char *name = cli_value(cli, "ipp");
	int mode = name == NULL ? IPP_MODE_AUTO : mode_from_text(name);
	uint64_t port;
	if (mode < 0)
		return cli_usage(cli, "--ipp takes off, auto, always or only");
	if (cli_number(cli, "ipp-port", 1, UINT16_MAX, IPP_PORT, &port) < 0)
		return CLI_USAGE;
	o->ipp_mode = (uint8_t)mode;
	o->ipp_port = (uint16_t)port;
	int is_url = agent_ipp_take_url(o, parts, &why);
	if (is_url < 0)
		return cli_usage(cli, "%s", why);
	if (is_url == 1 && (name != NULL || cli_has(cli, "ipp-port")))
		return cli_usage(cli, "a URL says all of it: without --ipp and --ipp-port");
	return CLI_OK;
}
