/* SPDX-License-Identifier: Apache-2.0
 * The hub, the way to it and its certificate: settings that change while the uplink lives. */
#include "engine/uplink/uplink_internal.h"

#include <stdio.h>
#include <string.h>

static void copy(char *dst, size_t cap, const char *text)
{
	(void)str_copy(dst, cap, text != NULL ? text : "");
}

static void fill(struct uplink_place *p, const struct uplink_hub *hub)
{
	explicit_bzero(p, sizeof *p);
	copy(p->host, sizeof p->host, hub->host);
	copy(p->path, sizeof p->path, hub->path);
	copy(p->user, sizeof p->user, hub->user);
	copy(p->password, sizeof p->password, hub->password);
	copy(p->proxy_host, sizeof p->proxy_host, hub->proxy.host);
	copy(p->proxy_user, sizeof p->proxy_user, hub->proxy.user);
	copy(p->proxy_password, sizeof p->proxy_password, hub->proxy.password);
	p->port = hub->port;
	p->proxy_port = hub->proxy.port;
}

static const char *or_null(const char *text)
{
	return text[0] != '\0' ? text : NULL;
}

static void point(struct uplink *u)
{
	const struct uplink_place *p = &u->place;
	u->o.hub = (struct uplink_hub){.host = p->host,
		.port = p->port,
		.path = p->path,
		.user = or_null(p->user),
		.password = or_null(p->password),
		.proxy = {.host = or_null(p->proxy_host),
			.port = p->proxy_port,
			.user = or_null(p->proxy_user),
			.password = or_null(p->proxy_password)}};
}

void hub_open(struct uplink *u, const struct uplink_hub *hub)
{
	fill(&u->place, hub);
	point(u);
}

void hub_close(struct uplink *u)
{
	explicit_bzero(&u->place, sizeof u->place);
	explicit_bzero(&u->next, sizeof u->next);
	tls_close(u->next_tls);
	u->next_tls = NULL;
}

void hub_use_next(struct uplink *u)
{
	if (!u->has_next)
		return;
	u->place = u->next;
	explicit_bzero(&u->next, sizeof u->next);
	point(u);
	if (u->next_tls != NULL)
		tls_client_replace(u->o.tls, u->next_tls);
	u->next_tls = NULL;
	u->has_next = false;
	u->has_no_coverage = u->has_no_heartbeat = false; /* it may be another hub */
}

void hub_use_password(struct uplink *u, const char *password)
{
	copy(u->place.password, sizeof u->place.password, password);
	point(u);
}

void uplink_set_hub(struct uplink *u, const struct uplink_hub *hub, struct tls *tls)
{
	if (u->is_closing) {
		tls_close(tls);
		return;
	}
	fill(&u->next, hub);
	if (tls != NULL) {
		tls_close(u->next_tls);
		u->next_tls = tls;
	}
	u->has_next = true;
	if (u->state == UPLINK_IDLE) {
		hub_use_next(u);
	} else if (u->state == UPLINK_BACKED_OFF) {
		/* The failures were of the old settings. */
		loop_due_clear(u->loop, &u->due);
		u->sync->failures = 0;
		u->sync->retry_after_ms = 0;
		sync_retry(u);
	}
}

static void warn(struct expiry *e, uint64_t at_ms, uint64_t now_ms, const char *certificate,
	const char *next)
{
	char at[25];
	int days;
	if (!expiry_note(e, at_ms, now_ms, &days))
		return;
	str_utc(at, at_ms);
	log_line(LOG_WARN, "uplink", "certificate=%s expires=%s in_days=%d next=\"%s\"",
		certificate, at, days, next);
}

void hub_note_certificates(struct uplink *u)
{
	uint64_t now_ms = loop_wall_ms(u->loop);
	const struct conn_certificate *cert = conn_certificate(u->conn);
	struct uplink_status *s = &u->status;
	(void)str_copy(s->hub_issuer, sizeof s->hub_issuer, cert->issuer);
	warn(&s->hub_certificate, cert->expires_ms, now_ms, "hub",
		"the hub's certificate has to be renewed there");
	warn(&s->own_certificate, tls_own_expires_ms(u->o.tls), now_ms, "client",
		"renew hub.cert_file and send SIGHUP");
}

void hub_explain(const struct uplink *u, int err, char *why, size_t cap)
{
	char said[LIMIT_WHY];
	const struct conn_certificate *cert = conn_certificate(u->conn);
	const char *before = u->status.hub_issuer;
	bool is_chain = err == ERR_TLS_UNTRUSTED || err == ERR_TLS_PIN;
	if (!is_chain || before[0] == '\0' || cert->issuer[0] == '\0' ||
		strcmp(before, cert->issuer) == 0)
		return;
	(void)str_copy(said, sizeof said, why);
	(void)snprintf(why, cap,
		"intercepted? the certificate is issued by \"%.60s\", so far by \"%.60s\": %s",
		cert->issuer, before, said);
}
