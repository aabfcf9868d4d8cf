/* SPDX-License-Identifier: Apache-2.0
 * platen check-config: the configuration and the files that it names. */
#include "engine/agent/hub_options.h"
#include "engine/agent/verbs.h"
#include "engine/conf/load.h"
#include "engine/conf/models.h"
#include "engine/conf/range.h"
#include "engine/snmp/usm.h"
#include "engine/store/address_key.h"
#include "proto/base/grow.h"
#include "proto/base/limits.h"
#include "proto/base/log.h"
#include "proto/base/str.h"
#include "proto/base/writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct counted {
	const struct agent_conf *conf;
	uint64_t devices, denied;
	uint64_t repeated;        /* addresses that are named more than once */
	struct address_key *seen; /* of all that are not denied; NULL: no memory for so many */
	size_t seen_count, seen_cap;
};

static void note_address(struct counted *n, const struct sockaddr *sa)
{
	struct address_key *seen =
		grow_by_one(n->seen, n->seen_count, &n->seen_cap, sizeof seen[0]);
	if (seen == NULL)
		return;
	n->seen = seen;
	n->seen[n->seen_count++] = address_key_of(sa);
}

static int count_device(void *owner, const struct conf_device *device)
{
	struct counted *n = owner;
	bool is_denied = !agent_conf_is_allowed(n->conf, &device->address.sa);
	n->devices++;
	if (device->name != NULL)
		return 0; /* nothing is sent here: it is looked up at start */
	n->denied += is_denied;
	note_address(n, &device->address.sa);
	return 0;
}

static int by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct address_key));
}

/* IPv4 and IPv6 differ in their first byte. */
static struct address_text text_of_key(const struct address_key *key)
{
	struct sockaddr_in in4 = {.sin_family = AF_INET};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};
	bool is_v6 = key->bytes[0] == 6;
	memcpy(is_v6 ? &in6.sin6_port : &in4.sin_port, key->bytes + 1, 2);
	if (is_v6)
		memcpy(&in6.sin6_addr, key->bytes + 3, sizeof in6.sin6_addr);
	else
		memcpy(&in4.sin_addr, key->bytes + 3, sizeof in4.sin_addr);
	return address_text(is_v6 ? (const struct sockaddr *)&in6 : (const struct sockaddr *)&in4);
}

/* An address counts once, as in the roster. */
static void drop_repeated(struct counted *n)
{
	struct address_text first = {""};
	if (n->seen_count > 0)
		qsort(n->seen, n->seen_count, sizeof n->seen[0], by_bytes);
	for (size_t i = 1; i < n->seen_count; i++) {
		if (by_bytes(&n->seen[i - 1], &n->seen[i]) == 0 && n->repeated++ == 0)
			first = text_of_key(&n->seen[i]);
	}
	free(n->seen);
	n->seen = NULL;
	n->devices -= n->repeated;
	if (n->repeated > 0)
		(void)fprintf(stderr,
			"platen: warning: %ju address%s of devices.targets repeated (%s%s): the "
			"first entry of an address counts, one of its own before a range\n",
			n->repeated, PLURAL_ES(n->repeated), first.text,
			n->repeated > 1 ? " ..." : "");
}

static void note_devices(
	char *dst, size_t cap, const struct agent_conf *conf, const struct counted *n)
{
	char limit[80] = "", denied[80] = "", looked[96] = "";
	bool has_discovery = conf->discovery_targets != NULL || conf->discovery_mdns;
	if (n->devices - n->denied > conf->devices_max)
		(void)snprintf(limit, sizeof limit, ", of which devices.max lets %ju be read",
			conf->devices_max);
	if (n->denied > 0)
		(void)snprintf(denied, sizeof denied, ", of which access denies %ju", n->denied);
	if (has_discovery && conf->discovery_interval_ms > 0)
		(void)snprintf(looked, sizeof looked, "; discovery looks for more every %ju min%s",
			conf->discovery_interval_ms / 60000,
			conf->credentials != NULL ? ""
			: conf->is_fips           ? " and has no credential"
						  : ", with community public");
	else if (has_discovery)
		(void)snprintf(looked, sizeof looked,
			"; discovery.interval is 0: only platen discover looks for more");
	(void)snprintf(dst, cap, ": %ju device%s%s%s%s%s; %s%s", n->devices, PLURAL_S(n->devices),
		denied, limit, n->devices == 0 ? " (devices.targets names none)" : "", looked,
		!conf->has_hub ? "no hub: nothing is ever sent"
		: conf->sends  ? "hub "
			       : "send is off: nothing is sent to hub ",
		conf->has_hub ? conf->hub_url : "");
}

/* The FIPS provider that a start with fips: on would find: a good one, none, or a broken one. */
static int check_fips(const struct agent_conf *conf, struct conf_error *why, char *note, size_t cap)
{
	bool is_loaded;
	char text[LIMIT_WHY] = "";
	if (!conf->is_fips)
		return 0;
	if (usm_fips_open(&is_loaded, text, sizeof text) < 0) {
		why->count = 1;
		why->len = str_copy(why->text, sizeof why->text, text);
		return ERR_CONF;
	}
	(void)snprintf(note + strlen(note), cap - strlen(note), "; %s", text);
	return 0;
}

static void warn_of_passphrases(const struct agent_conf *conf)
{
	char shown[2 * LIMIT_CREDENTIAL_NAME];
	for (const struct conf_credential *c = conf->credentials; c != NULL;
		c = (const struct conf_credential *)c->item.next) {
		if (conf_credential_is_weak(c))
			(void)fprintf(stderr,
				"platen: warning: credential %s has a passphrase of less than %d "
				"bytes: one captured message is enough to search for it\n",
				str_quote(shown, sizeof shown, c->name, strlen(c->name)),
				LIMIT_PASSPHRASE_GOOD);
	}
}

static void warn_of_opt_ins(const struct agent_conf *conf)
{
	bool is_opted = conf->sends_name || conf->sends_location || conf->sends_contact ||
			conf->sends_asset;
	if (is_opted && conf->is_corporate)
		(void)fprintf(stderr,
			"platen: warning: privacy.corporate is on: privacy.name, location, contact "
			"and asset have no effect\n");
}

/* Opens the certificates as `run` does, so that one that is damaged or expired is found here. */
static int check_tls(const struct cli *cli, const struct agent_conf *conf, struct conf_error *why)
{
	struct tls *tls;
	char text[LIMIT_CONF_VALUE + LIMIT_WHY] = "";
	struct tls_client_options o = agent_tls_options(conf);
	if (!conf->has_hub)
		return 0;
	if (tls_client_open(&tls, &o, text, sizeof text) < 0)
		return conf_error_say(why, conf_in_file(conf->file), "\"hub\": %s", text);
	conf_warn_of_expiry(cli, conf->cert_file, tls_own_expires_ms(tls), "the hub refuses it");
	tls_close(tls);
	return 0;
}

static int check_models(const struct agent_conf *conf, struct conf_error *why)
{
	struct models set;
	if (conf->models_dir == NULL)
		return 0;
	int err = conf_load_models(&set, conf->models_dir, why);
	if (err == 0)
		models_close(&set);
	return err;
}

static int run(const struct cli *cli)
{
	struct agent_conf conf;
	struct conf_error why;
	struct counted n = {.conf = &conf};
	char note[LIMIT_CONF_VALUE + 2 * LIMIT_WHY] = "";
	if (agent_conf_load(&conf, conf_file_of(cli), &why) == 0) {
		int devices = conf_each_device(&conf, count_device, &n, &why);
		drop_repeated(&n);
		if (devices >= 0 && check_models(&conf, &why) == 0 &&
			check_tls(cli, &conf, &why) == 0) {
			note_devices(note, sizeof note, &conf, &n);
			warn_of_passphrases(&conf);
			warn_of_opt_ins(&conf);
			(void)check_fips(&conf, &why, note, sizeof note); /* in `why` */
		}
		agent_conf_free(&conf);
	}
	const struct conf_fact facts[] = {
		{"devices", n.devices}, {"denied", n.denied}, {"repeated", n.repeated}, {NULL, 0}};
	return conf_checked(cli, &why, facts, note);
}

const struct cli_verb agent_verb_check_config = {.name = "check-config",
	.summary = "check the configuration and the files that it names",
	.details =
		"Prints file:line:column: message for each mistake and ends with 78; 0 if there "
		"is none. CSV files and passwords are read too; nothing is sent over the network.",
	.options = {conf_option_config, cli_option_json},
	.run = run};
