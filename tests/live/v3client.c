/* SPDX-License-Identifier: Apache-2.0
 * The SNMP client under control of standard input, for the live tests of SNMPv3 against foreign
 * agents. Each command line gets one line of JSON.
 *
 *   v3client [--deadline MS] [--tries N] [--refuse]
 *   user N NAME AUTH AUTHPASSWORD PRIV PRIVPASSWORD   "-" for none; a second time: new passphrases
 *   peer N USER ADDRESS PORT [CONTEXT]
 *   send N get|next|bulk OID...
 *   engine N | pin N HEX BOOTS TIME TRUSTED | forget N | counters */
#include "engine/snmp/snmp_client.h"
#include "engine/snmp/usm.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { USERS = 64, PEERS = 64, WORDS = 40 };

static struct {
	struct loop *loop;
	struct workers *workers;
	struct snmp_client *client;
	struct usm_user users[USERS];
	struct usm_peer usm[PEERS];
	struct snmp_peer peers[PEERS];
	char contexts[PEERS][SNMP3_CONTEXT];
	bool is_user[USERS], is_peer[PEERS];
} all;

static unsigned number(const char *word, unsigned end)
{
	unsigned long n = strtoul(word, NULL, 10);
	if (n >= end)
		exit(2);
	return (unsigned)n;
}

static int named(const char *const *names, int count, const char *word)
{
	for (int i = 0; i < count; i++) {
		if (strcmp(names[i], word) == 0)
			return i;
	}
	exit(2);
}

/* ---- users and peers -------------------------------------------------------------------- */

static void on_ready(void *owner, struct usm_user *user, int err)
{
	(void)user;
	*(int *)owner = err;
	loop_stop(all.loop);
}

static void do_user(char **w)
{
	unsigned n = number(w[1], USERS);
	struct usm_secret s = {.name = w[2],
		.name_len = strlen(w[2]),
		.auth = (uint8_t)named(
			usm_auth_names, USM_AUTH_COUNT, strcmp(w[3], "-") == 0 ? "none" : w[3]),
		.priv = (uint8_t)named(
			usm_priv_names, USM_PRIV_COUNT, strcmp(w[5], "-") == 0 ? "none" : w[5]),
		.auth_password = w[4],
		.auth_password_len = strlen(w[4]),
		.priv_password = w[6],
		.priv_password_len = strlen(w[6])};
	int err = all.is_user[n] ? 0 : usm_user_init(&all.users[n], &s);
	all.is_user[n] = true;
	if (err == 0)
		err = usm_user_prepare(&all.users[n], all.workers, &s, on_ready, &err);
	if (err == 0 && loop_run(all.loop) < 0)
		exit(1);
	printf("{\"err\":\"%s\"}\n", err == 0 ? "" : err_text(err));
}

static void do_peer(char **w, size_t words)
{
	unsigned n = number(w[1], PEERS), u = number(w[2], USERS);
	struct snmp_peer *p = &all.peers[n];
	if (all.is_peer[n])
		usm_peer_close(&all.usm[n]);
	all.is_peer[n] = true;
	memset(p, 0, sizeof *p);
	uint16_t port = htons((uint16_t)number(w[4], 65536));
	if (inet_pton(AF_INET, w[3], &p->address.in4.sin_addr) == 1) {
		p->address.in4.sin_family = AF_INET;
		p->address.in4.sin_port = port;
	} else if (inet_pton(AF_INET6, w[3], &p->address.in6.sin6_addr) == 1) {
		p->address.in6.sin6_family = AF_INET6;
		p->address.in6.sin6_port = port;
	} else {
		exit(2);
	}
	size_t len = words > 5 ? strlen(w[5]) : 0;
	if (len > SNMP3_CONTEXT)
		exit(2);
	memcpy(all.contexts[n], words > 5 ? w[5] : "", len);
	usm_peer_init(&all.usm[n], &all.users[u], all.contexts[n], len);
	p->version = SNMP_V3;
	p->usm = &all.usm[n];
	puts("{}");
}

static void do_engine(char **w)
{
	const struct usm_peer *p = &all.usm[number(w[1], PEERS)];
	printf("{\"id\":\"");
	for (unsigned i = 0; i < p->engine.id_len; i++)
		printf("%02x", p->engine.id[i]);
	printf("\",\"boots\":%u,\"time\":%u,\"is_time_trusted\":%s,\"is_engine_changed\":%s,"
	       "\"trouble\":%u}\n",
		p->engine.boots, p->engine.time, p->engine.is_time_trusted ? "true" : "false",
		p->is_engine_changed ? "true" : "false", p->trouble);
}

static void do_pin(char **w)
{
	struct usm_peer *p = &all.usm[number(w[1], PEERS)];
	size_t len = strlen(w[2]) / 2;
	if (len > SNMP3_ENGINE_ID)
		exit(2);
	for (size_t i = 0; i < len; i++) {
		char two[3] = {w[2][2 * i], w[2][2 * i + 1], '\0'};
		p->engine.id[i] = (uint8_t)strtoul(two, NULL, 16);
	}
	p->engine.id_len = (uint8_t)len;
	p->engine.boots = (uint32_t)strtoul(w[3], NULL, 10);
	p->engine.time = (uint32_t)strtoul(w[4], NULL, 10);
	p->engine.at_ms = loop_now_ms(all.loop);
	p->engine.is_time_trusted = strcmp(w[5], "1") == 0;
	puts("{}");
}

/* ---- requests --------------------------------------------------------------------------- */

static void print_value(const struct varbind *vb)
{
	char text[128];
	uint64_t u;
	if (varbind_unsigned(vb, &u) == 0)
		printf("%llu", (unsigned long long)u);
	else if (varbind_text(vb, text, sizeof text) >= 0)
		printf("\"%s\"", text);
	else
		printf("\"type %u\"", vb->type);
}

static void on_response(void *owner, const struct snmp_response *r)
{
	uint64_t began = *(uint64_t *)owner;
	printf("{\"err\":\"%s\",\"status\":%d,\"tries\":%u,\"took_ms\":%llu,\"values\":[",
		r->err == 0 ? "" : err_text(r->err), r->error_status, r->tries,
		(unsigned long long)(loop_now_ms(all.loop) - began));
	for (size_t i = 0; i < r->count; i++) {
		printf("%s", i == 0 ? "" : ",");
		print_value(&r->varbinds[i]);
	}
	puts("]}");
	loop_stop(all.loop);
}

static void do_send(char **w, size_t words)
{
	static const char *const kinds[] = {"get", "next", "bulk"};
	static const uint8_t pdus[] = {SNMP_GET, SNMP_GETNEXT, SNMP_GETBULK};
	struct snmp_request q;
	snmp_request_begin(&q, pdus[named(kinds, 3, w[2])]);
	q.max_repetitions = 5;
	for (size_t i = 3; i < words; i++) {
		struct oid o;
		uint8_t ber[LIMIT_OID_BER];
		int n = oid_from_text(&o, w[i]) < 0 ? -1 : oid_encode(ber, sizeof ber, &o);
		if (n < 0 || snmp_request_add(&q, (struct oid_ber){ber, (size_t)n},
				     (struct oid_ber){NULL, 0}, LIMIT_REQUEST_FIRST) < 0)
			exit(2);
	}
	loop_refresh(all.loop);
	uint64_t began = loop_now_ms(all.loop);
	int err = snmp_client_send(
		all.client, &all.peers[number(w[1], PEERS)], &q, on_response, &began);
	if (err < 0)
		printf("{\"err\":\"%s\",\"tries\":0}\n", err_text(err));
	else if (loop_run(all.loop) < 0)
		exit(1);
}

static void do_counters(void)
{
	const struct snmp_client_counters *c = snmp_client_counters(all.client);
	const struct {
		const char *name;
		uint64_t value;
	} rows[] = {{"requests", c->requests}, {"sent", c->sent}, {"responses", c->responses},
		{"timeouts", c->timeouts}, {"malformed", c->malformed}, {"reports", c->reports},
		{"probes", c->probes}, {"resyncs", c->resyncs},
		{"engine_changes", c->engine_changes}, {"stray_id", c->stray_id},
		{"stray_source", c->stray_source}, {"stray_level", c->stray_level},
		{"stray_user", c->stray_user}, {"stray_engine", c->stray_engine},
		{"stray_context", c->stray_context}, {"stray_digest", c->stray_digest},
		{"stray_window", c->stray_window}, {"stray_cipher", c->stray_cipher},
		{"stray_oid", c->stray_oid}};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		printf("%s\"%s\":%llu", i == 0 ? "{" : ",", rows[i].name,
			(unsigned long long)rows[i].value);
	puts("}");
}

/* ---- the run ---------------------------------------------------------------------------- */

static void run_line(char *line)
{
	char *w[WORDS], *save = NULL;
	size_t words = 0;
	for (char *at = strtok_r(line, " \n", &save); at != NULL && words < WORDS;
		at = strtok_r(NULL, " \n", &save))
		w[words++] = at;
	if (words == 7 && strcmp(w[0], "user") == 0)
		do_user(w);
	else if (words >= 5 && strcmp(w[0], "peer") == 0)
		do_peer(w, words);
	else if (words >= 4 && strcmp(w[0], "send") == 0)
		do_send(w, words);
	else if (words == 2 && strcmp(w[0], "engine") == 0)
		do_engine(w);
	else if (words == 6 && strcmp(w[0], "pin") == 0)
		do_pin(w);
	else if (words == 2 && strcmp(w[0], "forget") == 0) {
		struct usm_peer *p = &all.usm[number(w[1], PEERS)], old = *p;
		usm_peer_close(p);
		usm_peer_init(p, old.user, old.context, old.context_len);
		puts("{}");
	} else if (words == 1 && strcmp(w[0], "counters") == 0)
		do_counters();
	else
		exit(2);
	(void)fflush(stdout);
}

int main(int argc, char **argv)
{
	struct snmp_client_options o = {.window = 64, .deadline_ms = 3000, .tries = 3};
	char line[1024];
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--refuse") == 0)
			o.refuses_new_engine = true;
		else if (i + 1 < argc && strcmp(argv[i], "--deadline") == 0)
			o.deadline_ms = strtoul(argv[++i], NULL, 10);
		else if (i + 1 < argc && strcmp(argv[i], "--tries") == 0)
			o.tries = number(argv[++i], 9);
		else
			return 2;
	}
	if (loop_open(&all.loop, 256) < 0 || workers_open(&all.workers, all.loop) < 0)
		return 1;
	o.workers = all.workers;
	if (snmp_client_open(&all.client, all.loop, &o) < 0)
		return 1;
	while (fgets(line, sizeof line, stdin) != NULL)
		run_line(line);
	snmp_client_close(all.client);
	workers_close(all.workers);
	int err = loop_run(all.loop);
	for (unsigned i = 0; i < PEERS; i++) {
		if (all.is_peer[i])
			usm_peer_close(&all.usm[i]);
	}
	for (unsigned i = 0; i < USERS; i++)
		usm_user_close(&all.users[i]);
	return err == 0 && loop_close(all.loop) == 0 ? 0 : 1;
}
