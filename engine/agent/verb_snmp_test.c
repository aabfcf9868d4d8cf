/* SPDX-License-Identifier: Apache-2.0
 * platen snmp-test: the version and credential that a printer accepts, its limits, and what to do
 * if it does not respond. It only reads, with one request in flight. */
#include "engine/agent/tester.h"
#include "engine/agent/verbs.h"

#include "engine/conf/range.h"
#include "engine/ui/hint.h"
#include "proto/smi/engine_id.h"
#include "proto/smi/security.h"
#include "proto/smi/request.h"

#include <stdio.h>
#include <string.h>

#define SYS_DESCR "1.3.6.1.2.1.1.1.0"
#define MIB_2 "1.3.6.1.2.1"

struct way {
	const struct conf_credential *credential; /* NULL: community */
	uint8_t version;
	const char *community;
	char name[2 * LIMIT_CREDENTIAL_NAME];
};

struct found {
	struct way way;
	bool is_found, is_printer;
	int err; /* of the most specific failure */
	uint8_t version;
	char failed[2 * LIMIT_CREDENTIAL_NAME];
	const struct conf_credential
		*unfit; /* the first of SNMPv3 that is bound to other subnets */
};

/* ---- which credential -------------------------------------------------------------------- */

/* The engine discovery of RFC 3414 section 4: every v3 agent responds to it, whatever the user. */
static bool probe_engine(struct tester *t)
{
	static const struct conf_credential probe = {
		.name = "probe", .version = SNMP_V3, .user = "platen-snmp-test"};
	char text[TESTER_TEXT / 2];
	if (tester_use(t, &probe, SNMP_V3, NULL) < 0)
		return false;
	tester_probe_engine(t, SYS_DESCR);
	const struct usm_engine *e = &t->session.usm.engine;
	if (e->id_len == 0) {
		tester_say(t, "v3 engine", false, t->response.took_ms,
			"no response: SNMPv3 is off, or a filter drops it");
		return false;
	}
	tester_say(t, "v3 engine", true, t->response.took_ms,
		"%s; boots %u, up %u s (not verified)",
		engine_id_describe(text, sizeof text, e->id, e->id_len), e->boots, e->time);
	return true;
}

/* Why the response counts as a failure; 0: it does not. */
static int err_of(const struct tester *t)
{
	const struct tester_response *a = &t->response;
	if (a->err != 0 || a->error_status == SNMP_NO_ERROR)
		return a->err;
	return a->error_status == SNMP_AUTHORIZATION_ERROR && t->peer.version == SNMP_V3
		       ? ERR_SNMP_LEVEL
		       : ERR_SNMP_STATUS;
}

static bool try_way(struct tester *t, const struct way *way, struct found *f)
{
	if (tester_use(t, way->credential, way->version, way->community) < 0)
		return false;
	uint8_t version = t->peer.version;
	tester_request(t, SNMP_GET, SYS_DESCR, 0);
	const struct tester_response *a = &t->response;
	int err = err_of(t);
	if (err == 0) {
		tester_say(t, "credential", true, a->took_ms, "v%s %s: \"%s\"",
			snmp_version_text(version), way->name, a->text);
		f->is_found = true;
		f->way = *way;
		f->version = version;
		return true;
	}
	tester_say(t, "credential", false, a->took_ms, "v%s %s: %s: %s", snmp_version_text(version),
		way->name, err_text(err), hint_snmp(err, version));
	/* An error from the printer tells more than a timeout. */
	if (f->err == 0 || f->err == ERR_SNMP_TIMEOUT) {
		f->err = err;
		f->version = version;
		(void)snprintf(f->failed, sizeof f->failed, "%s", way->name);
	}
	return false;
}

/* The same user without privacy: a response proves that user and authentication are right. */
static void try_without_privacy(struct tester *t, const struct conf_credential *c, struct found *f)
{
	if (c == NULL || c->version != SNMP_V3 || c->priv == USM_PRIV_NONE ||
		(f->err != ERR_SNMP_TIMEOUT && f->err != ERR_SNMP_CIPHER))
		return;
	struct conf_credential open = *c;
	open.priv = USM_PRIV_NONE;
	open.priv_password.len = 0;
	if (tester_use(t, &open, SNMP_V3, NULL) < 0)
		return;
	tester_request(t, SNMP_GET, SYS_DESCR, 0);
	int err = err_of(t);
	bool is_proof = err == 0 || err == ERR_SNMP_LEVEL;
	tester_say(t, "no privacy", is_proof, t->response.took_ms,
		is_proof ? "user and authentication are right, so the privacy passphrase or "
			   "protocol is wrong"
			 : "no response without privacy either: %s",
		err_text(err));
	if (is_proof)
		f->err = ERR_SNMP_CIPHER;
	secret_wipe(&open.auth_password);
	secret_wipe(&open.priv_password);
}

static void way_of(struct way *w, const struct conf_credential *c)
{
	*w = (struct way){.credential = c, .version = c->version};
	(void)snprintf(w->name, sizeof w->name, "%s%s", c->item.line != 0 ? "credential " : "",
		c->item.line != 0 ? c->name : c->user);
}

static bool try_credential(struct tester *t, const struct conf_credential *c, struct found *f)
{
	struct way way;
	way_of(&way, c);
	if (try_way(t, &way, f))
		return true;
	try_without_privacy(t, c, f);
	return false;
}

static bool try_community(struct tester *t, uint8_t version, struct found *f)
{
	struct way way = {.version = version, .community = t->options->community};
	(void)snprintf(way.name, sizeof way.name, "%s",
		strcmp(way.community, "public") == 0 ? "community public" : "the community");
	return try_way(t, &way, f);
}

/* Whether this credential is tried; if not, a step gives the reason. */
static bool may_try(
	struct tester *t, const struct conf_credential *c, unsigned tries, struct found *f)
{
	bool fits = conf_credential_fits(c, &t->at.address.sa);
	if (fits && tries < t->options->conf->discovery_tries)
		return true;
	if (!fits && f->unfit == NULL && c->version == SNMP_V3)
		f->unfit = c;
	tester_say(t, "credential", false, 0, "v%s credential %s: not tried: %s",
		snmp_version_text(c->version), c->name,
		fits ? "discovery.tries allows no more" : "its subnets do not hold this address");
	return false;
}

/* The credential of the options; else those of the configuration in their order, as discovery does;
 * else the community. */
static void find_way(struct tester *t, struct found *f)
{
	const struct printer_options *o = t->options;
	if (o->credential != NULL) {
		(void)try_credential(t, o->credential, f);
		return;
	}
	const struct conf_credential *c =
		o->conf != NULL && !o->is_chosen ? o->conf->credentials : NULL;
	unsigned tries = 0;
	bool has_any = c != NULL;
	for (; c != NULL && !f->is_found; c = (const struct conf_credential *)c->item.next) {
		if (!may_try(t, c, tries, f))
			continue;
		tries++;
		(void)try_credential(t, c, f);
	}
	if (has_any || f->is_found)
		return;
	if (!try_community(t, o->version, f) && o->version == SNMP_V2C)
		(void)try_community(t, SNMP_V1, f);
}

/* ---- its limits -------------------------------------------------------------------------- */

static void test_bulk(struct tester *t, bool *ret_has_bulk)
{
	*ret_has_bulk = false;
	if (t->peer.version == SNMP_V1)
		return;
	tester_request(t, SNMP_GETBULK, MIB_2, 10);
	const struct tester_response *a = &t->response;
	*ret_has_bulk = a->err == 0 && a->error_status == 0 && a->count > 1;
	if (*ret_has_bulk)
		tester_say(t, "GETBULK", true, a->took_ms, "yes: %zu varbinds in %zu bytes",
			a->count, a->bytes);
	else
		tester_say(t, "GETBULK", false, a->took_ms, "no: %s; polls use GETNEXT",
			a->err != 0 ? err_text(a->err) : "a response with one varbind at most");
}

/* More repetitions until the response grows no more: four requests at most. */
static void test_largest(struct tester *t, bool has_bulk)
{
	static const uint16_t steps[] = {20, 40, 80, 120};
	size_t max = 0, bytes = 0;
	uint32_t took_ms = 0;
	for (size_t i = 0; i < sizeof steps / sizeof steps[0] && has_bulk; i++) {
		tester_request(t, SNMP_GETBULK, MIB_2, steps[i]);
		const struct tester_response *a = &t->response;
		took_ms += a->took_ms;
		if (a->err != 0 || a->error_status != 0 || a->count <= max)
			break;
		max = a->count;
		bytes = a->bytes;
		if (a->count < steps[i])
			break;
	}
	if (max > 0)
		tester_say(t, "largest", true, took_ms, "%zu varbinds in %zu bytes", max, bytes);
}

/* Refused responses, and the key to set if they are the printer's. */
static void report_refused(struct tester *t)
{
	const struct snmp_client_counters *c = snmp_client_counters(t->client);
	char source[CONF_HOST_TEXT] = "";
	if (c->stray_source > 0) {
		conf_range_host(source, snmp_client_stray_source(t->client));
		tester_say(t, "address", false, 0,
			"%ju responses from %s, another address or port, were refused: if it is "
			"the printer's, set answers_from: %s for its target",
			c->stray_source, source, source);
	}
	if (c->short_ids > 0)
		tester_say(t, "request-id", false, 0,
			"%ju responses with 16 bits of the request-id were refused: if the "
			"printer cuts them, set short_request_ids: on for its target",
			c->short_ids);
}

/* Findings of the client beside the responses. */
static void report_peculiarities(struct tester *t)
{
	const struct snmp_client_counters *c = snmp_client_counters(t->client);
	if (c->resent > t->resent_before)
		tester_say(t, "loss", false, 0, "%ju retransmissions were needed",
			(c->resent - t->resent_before));
	if (t->rtts > 0)
		tester_say(t, "round trip", true, 0, "%u to %u ms over %u responses", t->rtt_min_ms,
			t->rtt_max_ms, t->rtts);
	if (t->peer.usm != NULL && t->peer.usm->engine.is_time_trusted)
		tester_say(t, "v3 clock", true, 0, "boots %u, up %u s", t->peer.usm->engine.boots,
			t->peer.usm->engine.time);
}

/* ---- the result -------------------------------------------------------------------------- */

static int report_works(struct tester *t, const struct found *f, bool has_bulk)
{
	char result[TESTER_TEXT];
	(void)snprintf(result, sizeof result, "SNMPv%s by %s%s%s%s", snmp_version_text(f->version),
		f->way.name,
		f->version == SNMP_V1 ? ""
		: has_bulk            ? ", GETBULK"
				      : ", no GETBULK",
		f->version == SNMP_V3 || t->options->credential != NULL ? ""
		: strcmp(f->way.name, "community public") == 0
			? "; anyone on the network can read it with this community"
			: "",
		f->is_printer ? "" : "; not identified as a printer");
	return tester_finish(t, true, result, "");
}

static int report_failure(struct tester *t, const struct found *f, bool has_engine)
{
	char result[TESTER_TEXT], widen[TESTER_TEXT];
	const char *action = hint_snmp(f->err, f->version);
	if (f->err == 0) {
		(void)snprintf(result, sizeof result,
			"no credential of the configuration is for this address");
		action = "add one to snmp.credentials, or widen its subnets";
	} else if (f->version != SNMP_V3 && has_engine) {
		(void)snprintf(
			result, sizeof result, "no response to %s, but to SNMPv3", f->failed);
		action = "use SNMPv3 with a user that exists on the printer, or check the "
			 "community";
		(void)snprintf(widen, sizeof widen,
			"widen the subnets of credential %s if it is for this printer, or add one "
			"of version 3",
			f->unfit != NULL ? f->unfit->name : "");
		if (f->unfit != NULL)
			action = widen;
	} else if (f->err == ERR_SNMP_TIMEOUT && !has_engine) {
		(void)snprintf(result, sizeof result, "no response to SNMPv3 nor to SNMPv%s by %s",
			snmp_version_text(f->version), f->failed);
		(void)snprintf(widen, sizeof widen,
			"check the address; is the device on, is SNMP enabled in it, does a filter "
			"drop UDP to its port %u, %s?",
			ntohs(t->at.address.in4.sin_port),
			f->version == SNMP_V3 ? "does the user exist there"
					      : "is the community right");
		action = widen;
	} else {
		(void)snprintf(result, sizeof result, "SNMPv%s by %s: %s",
			snmp_version_text(f->version), f->failed, err_text(f->err));
		if (f->version == SNMP_V3 && !has_engine)
			action = "switch SNMPv3 on at the printer; look for a filter in between";
	}
	int err = tester_finish(t, false, result, action);
	return err < 0 ? err : f->err != 0 ? f->err : ERR_CONF;
}

static int test(struct printer_options *o)
{
	static struct tester t; /* 30 KiB: too much for a stack of a verb */
	struct found found = {.is_found = false};
	bool has_bulk = false;
	int err = tester_open(&t, o);
	if (err < 0)
		return err;
	bool has_engine = probe_engine(&t);
	find_way(&t, &found);
	if (found.is_found) {
		t.resent_before = snmp_client_counters(t.client)->resent;
		test_bulk(&t, &has_bulk);
		test_largest(&t, has_bulk);
		found.is_printer = tester_identify(&t);
	}
	report_refused(&t);
	if (found.is_found)
		report_peculiarities(&t);
	err = found.is_found ? report_works(&t, &found, has_bulk)
			     : report_failure(&t, &found, has_engine);
	int closed = tester_close(&t);
	return err < 0 ? err : closed;
}

static int run(const struct cli *cli)
{
	struct printer_options o;
	int code = printer_options_open(&o, cli);
	if (code == CLI_OK && o.url.is_ipp)
		code = cli_usage(cli, "a URL of IPP has no SNMP to test");
	if (code == CLI_OK) {
		int err = test(&o);
		code = err < 0 ? cli_exit_of(err) : cli_finish(cli);
	}
	printer_options_close(&o);
	return code;
}

const struct cli_verb agent_verb_snmp_test = {.name = "snmp-test",
	.args = "HOST",
	.arg_type = CLI_HOST,
	.min_args = 1,
	.max_args = 1,
	.summary = "find the credential that a printer accepts, or the reason why none works",
	.details = "Probes the SNMPv3 engine, then tries the credential that is given, or those of "
		   "the configuration (--config) in their order, discovery.tries at most, or the "
		   "community. One line a step; the last one says what works, or what to do. It "
		   "only reads, with one request in flight.",
	.options = {agent_printer_options, cli_option_json},
	.run = run};
