/* SPDX-License-Identifier: Apache-2.0
 * The section `hub` of the agent's configuration, across its keys. */
#include "engine/conf/load.h"

#include "engine/conf/nets.h"
#include "proto/base/limits.h"
#include "proto/base/str.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* The key of a secret as it was given: BASE_file or BASE_env. */
static void read_secret(struct conf_load *l, const struct agent_conf *c, struct secret *s,
	const char *base, const char *source)
{
	char key[48];
	(void)snprintf(
		key, sizeof key, "%s_%s", base, secret_env_of(source) != NULL ? "env" : "file");
	(void)conf_read_secret(l, c, s, key, source, conf_given_at(l, key));
}

static void check_dependent(struct conf_load *l)
{
	static const char *const dependent[] = {"hub.user", "hub.password_file", "hub.password_env",
		"hub.ca_file", "hub.crl_file", "hub.spki_pin", "hub.cert_file", "hub.key_file",
		"hub.proxy", "hub.proxy_user", "hub.proxy_password_file", "hub.proxy_password_env",
		"hub.no_proxy"};
	for (size_t i = 0; i < sizeof dependent / sizeof dependent[0]; i++) {
		struct conf_mark at = conf_given_at(l, dependent[i]);
		if (at.line != 0)
			conf_say(l, at, "\"%s\" is of no use without \"hub.url\"", dependent[i]);
	}
}

/* RFC 7617: the name ends at the first colon. */
static void check_user(struct conf_load *l, const char *key, const char *user)
{
	if (strchr(user, ':') != NULL)
		conf_say(l, conf_given_at(l, key), "\"%s\" must not hold a colon", key);
}

static void check_login(struct conf_load *l, struct agent_conf *c)
{
	struct conf_mark at = conf_given_at(l, "hub.url");
	if (c->hub_user == NULL)
		conf_say(l, at, "\"hub.url\" needs \"hub.user\"");
	else
		check_user(l, "hub.user", c->hub_user);
	if (c->hub_password_file == NULL)
		conf_say(l, at, "\"hub.url\" needs \"hub.password_file\"");
	else
		read_secret(l, c, &c->hub_password, "hub.password", c->hub_password_file);
	if ((c->cert_file == NULL) != (c->key_file == NULL))
		conf_say(l, at, "\"hub.cert_file\" and \"hub.key_file\" need each other");
}

/* Whether `name` is the entry, or ends with it behind a dot. */
static bool is_below(const char *name, struct text entry)
{
	size_t len = strlen(name);
	if (entry.len > 0 && entry.p[0] == '.')
		entry = (struct text){entry.p + 1, entry.len - 1};
	if (entry.len == 0 || len < entry.len ||
		strncasecmp(name + len - entry.len, entry.p, entry.len) != 0)
		return false;
	return len == entry.len || name[len - entry.len - 1] == '.';
}

/* Whether the host is an address within the network. */
static bool is_within(const char *host, const char *net)
{
	struct conf_net one;
	struct conf_nets nets;
	char why[LIMIT_WHY];
	union {
		struct sockaddr sa;
		struct sockaddr_in in4;
		struct sockaddr_in6 in6;
	} a = {.sa = {.sa_family = AF_INET}};
	if (inet_pton(AF_INET, host, &a.in4.sin_addr) != 1) {
		a.sa.sa_family = AF_INET6;
		if (inet_pton(AF_INET6, host, &a.in6.sin6_addr) != 1)
			return false;
	}
	return conf_nets_max(net) == 1 &&
	       conf_nets_parse(&nets, &one, 1, net, why, sizeof why) == 0 &&
	       conf_nets_has(&nets, &a.sa);
}

static bool goes_without_proxy(const char *list, const char *host)
{
	struct text t;
	while (text_take_entry(&list, &t)) {
		char net[LIMIT_TEXT_SHORT];
		(void)snprintf(net, sizeof net, "%.*s", TEXT_ARG(t));
		if (text_is(t, "*") || is_below(host, t) || is_within(host, net))
			return true;
	}
	return false;
}

static void check_proxy(struct conf_load *l, struct agent_conf *c)
{
	struct conf_url url;
	char why[LIMIT_WHY];
	struct conf_mark at = conf_given_at(l, "hub.proxy");
	if (c->hub_proxy == NULL && (c->proxy_user != NULL || c->hub_no_proxy != NULL))
		conf_say(l,
			conf_given_at(l, c->proxy_user != NULL ? "hub.proxy_user" : "hub.no_proxy"),
			"\"hub.proxy_user\" and \"hub.no_proxy\" are of no use without "
			"\"hub.proxy\"");
	if ((c->proxy_user == NULL) != (c->proxy_password_file == NULL))
		conf_say(l, at,
			"\"hub.proxy_user\" and \"hub.proxy_password_file\" need each other");
	if (c->proxy_user != NULL)
		check_user(l, "hub.proxy_user", c->proxy_user);
	if (c->proxy_password_file != NULL)
		read_secret(l, c, &c->proxy_password, "hub.proxy_password", c->proxy_password_file);
	if (c->hub_proxy == NULL || conf_proxy_parse(&url, c->hub_proxy, why, sizeof why) < 0 ||
		(c->hub_no_proxy != NULL && goes_without_proxy(c->hub_no_proxy, c->hub_host)))
		return;
	c->proxy_port = url.port;
	c->proxy_host = conf_keep(l->memory, url.host, strlen(url.host));
	if (c->proxy_host == NULL)
		conf_say(l, at, "the configuration takes too much memory");
}

void conf_check_hub(struct conf_load *l, struct agent_conf *c)
{
	struct conf_url url;
	char why[LIMIT_WHY];
	struct conf_mark at = conf_given_at(l, "hub.url");
	c->has_hub = c->hub_url != NULL;
	if (!c->has_hub) {
		check_dependent(l);
		return;
	}
	check_login(l, c);
	if (conf_url_parse(&url, c->hub_url, why, sizeof why) < 0)
		return; /* refused where it stands already */
	c->hub_port = url.port;
	c->hub_host = conf_keep(l->memory, url.host, strlen(url.host));
	c->hub_path = conf_keep(l->memory, url.path, strlen(url.path));
	if (c->hub_host == NULL || c->hub_path == NULL)
		conf_say(l, at, "the configuration takes too much memory");
	else
		check_proxy(l, c);
}
