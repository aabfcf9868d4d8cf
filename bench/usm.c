/* SPDX-License-Identifier: Apache-2.0
 * Measures: the cost of a request and response of 20 varbinds by SNMPv3 (SHA-256, AES-128), each
 * printer with its own engine, against the same by SNMPv2c, for two numbers of engines.
 *
 * Starts platen-sim with 10,000 printers, each with its own engineID and keys, and sends each the
 * same GETBULK repeatedly through the client: by v2c and by v3, the first 2,000 and all, in turn in
 * one run. CPU time is that of this process. The run prints no figures if a response has not 20
 * varbinds or differs from the first one by v2c, if a request timed out, a clock was set again, or
 * the simulator lost datagrams. */
#include "bench/common.h"
#include "bench/common_sim.h"
#include "proto/base/crc.h"
#include "engine/snmp/snmp_client.h"
#include "engine/snmp/usm.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

enum { ROUNDS_MAX = 32, VARBINDS = 20, KINDS = 4 };

static const char user_name[] = "bench", password[] = "a passphrase for all";

struct fleet;

struct printer {
	struct fleet *fleet;
	struct snmp_peer plain, secure;
	struct usm_peer usm;
	uint32_t digest; /* of its first response */
};

struct options {
	const char *sim;
	size_t engines; /* all; `few` are the first of them */
	size_t few;
	size_t pairs; /* of one round */
	size_t window;
	size_t rounds;
	bool is_json;
};

struct fleet {
	struct options options;
	struct loop *loop;
	struct snmp_client *client;
	struct usm_user user;
	struct printer *printers;
	struct snmp_request request;
	bool is_secure; /* this round */
	bool is_first;
	size_t among, next, left, under_way;
	unsigned long long wrong, timeouts;
};

/* ---- requests -------------------------------------------------------------------------- */

static void send_more(struct fleet *f);

static uint32_t digest_of(const struct snmp_response *r)
{
	/* Names and values lie in one piece of the datagram, or of what was decrypted. */
	const struct varbind *last = &r->varbinds[r->count - 1];
	const uint8_t *begin = r->varbinds[0].name.p;
	return crc32c(0, begin, (size_t)(last->value + last->len - begin));
}

static void on_response(void *owner, const struct snmp_response *r)
{
	struct printer *p = owner;
	struct fleet *f = p->fleet;
	f->under_way--;
	if (r->err < 0) {
		f->timeouts++;
	} else if (r->error_status != 0 || r->count != VARBINDS) {
		f->wrong++;
	} else {
		uint32_t digest = digest_of(r);
		if (f->is_first)
			p->digest = digest;
		f->wrong += digest != p->digest;
	}
	send_more(f);
}

static void send_more(struct fleet *f)
{
	while (f->left > 0 && f->under_way < snmp_client_window(f->client)) {
		struct printer *p = &f->printers[f->next];
		struct snmp_peer *peer = f->is_secure ? &p->secure : &p->plain;
		if (snmp_client_send(f->client, peer, &f->request, on_response, p) < 0) {
			f->timeouts++;
			f->left = 0;
			break;
		}
		f->next = f->next + 1 == f->among ? 0 : f->next + 1;
		f->left--;
		f->under_way++;
	}
	if (f->under_way == 0)
		loop_stop(f->loop);
}

/* Microseconds of CPU for one request and its response. */
static double run(struct fleet *f, bool is_secure, size_t among, size_t pairs)
{
	f->is_secure = is_secure;
	f->among = among;
	f->next = 0;
	f->left = pairs;
	double began = bench_cpu_s(0);
	send_more(f);
	if (f->under_way > 0 && loop_run(f->loop) < 0)
		f->timeouts++;
	return (bench_cpu_s(0) - began) * 1e6 / (double)pairs;
}

/* ---- the fleet -------------------------------------------------------------------------- */

static int open_fleet(struct fleet *f, const struct bench_sim *sim)
{
	/* xcmHrDevDetailValueInteger.1.20: the usage counters of a Xerox, one column. */
	static const uint8_t column[] = {
		0x2b, 6, 1, 4, 1, 0x81, 0x7d, 8, 0x35, 0x0d, 2, 1, 6, 1, 20};
	struct usm_secret secret = {.name = user_name,
		.name_len = sizeof user_name - 1,
		.auth = USM_AUTH_SHA256,
		.priv = USM_PRIV_AES128,
		.auth_password = password,
		.auth_password_len = sizeof password - 1,
		.priv_password = password,
		.priv_password_len = sizeof password - 1};
	struct snmp_client_options o = {
		.window = f->options.window, .deadline_ms = 20000, .tries = 8};
	f->printers = calloc(f->options.engines, sizeof f->printers[0]);
	if (f->printers == NULL || loop_open(&f->loop, 4 * o.window) < 0 ||
		snmp_client_open(&f->client, f->loop, &o) < 0 ||
		usm_user_init(&f->user, &secret) < 0 || usm_user_prepare_now(&f->user, &secret) < 0)
		return -1;
	for (size_t i = 0; i < f->options.engines; i++) {
		struct printer *p = &f->printers[i];
		p->fleet = f;
		p->plain.version = SNMP_V2C;
		p->plain.community = "public";
		p->plain.community_len = 6;
		p->plain.address.in4 = (struct sockaddr_in){.sin_family = AF_INET,
			.sin_port = htons(sim->port),
			.sin_addr.s_addr = htonl(ntohl(sim->first.s_addr) + (uint32_t)i)};
		p->secure = p->plain;
		p->secure.version = SNMP_V3;
		p->secure.usm = &p->usm;
		usm_peer_init(&p->usm, &f->user, NULL, 0);
	}
	snmp_request_begin(&f->request, SNMP_GETBULK);
	f->request.max_repetitions = VARBINDS;
	return snmp_request_add(&f->request, (struct oid_ber){column, sizeof column},
		(struct oid_ber){NULL, 0}, LIMIT_REQUEST_FIRST);
}

static int close_fleet(struct fleet *f)
{
	snmp_client_close(f->client);
	int err = loop_run(f->loop);
	for (size_t i = 0; i < f->options.engines; i++)
		usm_peer_close(&f->printers[i].usm);
	usm_user_close(&f->user);
	free(f->printers);
	return err < 0 || loop_close(f->loop) < 0 ? -1 : 0;
}

/* ---- the run ---------------------------------------------------------------------------- */

enum { PLAIN_FEW, SECURE_FEW, PLAIN_ALL, SECURE_ALL };

struct result {
	double us[KINDS][ROUNDS_MAX];
	double first_contact_us;
	size_t rss_plain_kib, rss_secure_kib;
	struct snmp_client_counters counters;
};

static void measure(struct fleet *f, struct result *r)
{
	const struct options *o = &f->options;
	f->is_first = true;
	(void)run(f, false, o->engines, o->engines);
	f->is_first = false;
	r->rss_plain_kib = bench_rss_kib(0);
	r->first_contact_us = run(f, true, o->engines, o->engines);
	r->rss_secure_kib = bench_rss_kib(0);
	for (size_t i = 0; i < o->rounds; i++) {
		r->us[PLAIN_FEW][i] = run(f, false, o->few, o->pairs);
		r->us[SECURE_FEW][i] = run(f, true, o->few, o->pairs);
		r->us[PLAIN_ALL][i] = run(f, false, o->engines, o->pairs);
		r->us[SECURE_ALL][i] = run(f, true, o->engines, o->pairs);
	}
	r->counters = *snmp_client_counters(f->client);
}

static bool is_right(const struct fleet *f, const struct result *r, const struct bench_sim *sim)
{
	const struct snmp_client_counters *c = &r->counters;
	bool ok = f->wrong == 0 && f->timeouts == 0 && sim->drops == 0 && c->resyncs == 0 &&
		  c->probes == f->options.engines;
	if (!ok)
		(void)fprintf(stderr,
			"usm: %llu answers were wrong, %llu missing, %llu probes, %llu clocks set "
			"again, %lld datagrams dropped by the fleet: no figures\n",
			f->wrong, f->timeouts, (unsigned long long)c->probes,
			(unsigned long long)c->resyncs, sim->drops);
	return ok;
}

static void report(const struct options *o, struct result *r, const struct bench_sim *sim)
{
	static const char *const names[KINDS] = {"v2c_few", "v3_few", "v2c_all", "v3_all"};
	struct bench_report out;
	double per_s[KINDS];
	bench_open(&out, "usm", "an exchange of 20 varbinds by v3 authPriv against v2c");
	bench_add(&out, "few_engines", (double)o->few, "");
	bench_add(&out, "all_engines", (double)o->engines, "");
	for (int k = 0; k < KINDS; k++) {
		char name[48];
		double us = bench_quantile(r->us[k], o->rounds, 0.5);
		per_s[k] = us > 0 ? 1e6 / us : 0;
		(void)snprintf(name, sizeof name, "%s_us", names[k]);
		bench_add(&out, name, us, "us");
		(void)snprintf(name, sizeof name, "%s_us_min", names[k]);
		bench_add(&out, name, r->us[k][0], "us");
		(void)snprintf(name, sizeof name, "%s_us_max", names[k]);
		bench_add(&out, name, r->us[k][o->rounds - 1], "us");
		(void)snprintf(name, sizeof name, "%s_pairs_per_cpu_s", names[k]);
		bench_add(&out, name, per_s[k], "/s");
	}
	bench_add(&out, "v3_of_v2c", per_s[SECURE_FEW] / per_s[PLAIN_FEW], "");
	bench_add(&out, "v3_all_of_few", per_s[SECURE_ALL] / per_s[SECURE_FEW], "");
	bench_add(&out, "first_contact_us", r->first_contact_us, "us");
	bench_add(&out, "bytes_per_engine",
		((double)r->rss_secure_kib - (double)r->rss_plain_kib) * 1024 / (double)o->engines,
		"");
	bench_add(&out, "resent", (double)r->counters.resent, "");
	bench_add(&out, "sim_cpu_s", sim->cpu_s, "s");
	bench_print(&out, o->is_json);
}

static bool parse(struct options *o, int argc, char **argv)
{
	const struct bench_option options[] = {
		{.name = "engines", .number = &o->engines},
		{.name = "few", .number = &o->few},
		{.name = "pairs", .number = &o->pairs},
		{.name = "window", .number = &o->window},
		{.name = "rounds", .number = &o->rounds},
		{.name = "sim", .text = &o->sim},
		{.name = "json", .is_on = &o->is_json},
		{.name = NULL},
	};
	return bench_options(options, argc, argv) && o->rounds > 0 && o->rounds <= ROUNDS_MAX &&
	       o->few > 0 && o->few <= o->engines && o->engines <= LIMIT_DEVICES_MAX &&
	       o->pairs > 0;
}

int main(int argc, char **argv)
{
	static struct result result;
	static struct fleet fleet;
	char printers[16], user[128];
	struct options o = {.sim = bench_sim_path(),
		.engines = 10000,
		.few = 2000,
		.pairs = 100000,
		.window = 256,
		.rounds = 5};
	if (!parse(&o, argc, argv)) {
		(void)fputs("usage: usm [--engines N] [--few N] [--pairs N] [--window N] "
			    "[--rounds N] [--sim FILE] [--json]\n",
			stderr);
		return 2;
	}
	(void)snprintf(printers, sizeof printers, "%zu", o.engines);
	(void)snprintf(user, sizeof user, "%s:sha256:%s:aes128:%s", user_name, password, password);
	const char *sim_argv[] = {o.sim, "--printers", printers, "--profile", "xerox-color-mfp",
		"--job-interval", "0", "--v3", user, NULL};
	struct bench_sim sim = {0};
	if (bench_sim_start(&sim, "usm", sim_argv) < 0)
		return 1;
	fleet.options = o;
	int err = open_fleet(&fleet, &sim);
	if (err == 0)
		measure(&fleet, &result);
	bench_sim_stop(&sim);
	bool ok = err == 0 && is_right(&fleet, &result, &sim);
	if (err < 0 || close_fleet(&fleet) < 0)
		(void)fputs("usm: could not begin, or not end\n", stderr);
	if (ok)
		report(&o, &result, &sim);
	return ok ? 0 : 1;
}
