/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sim/options.h"

#include "proto/base/str.h"
#include "proto/smi/request.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

const struct cli_option options_table[] = {
	CLI_OPTION("printers", 0, .type = CLI_NUMBER, .value = "N", .min = 1, .max = FLEET_PRINTERS,
		.preset = "2000", .help = "number of printers, at consecutive addresses"),
	CLI_OPTION("base", 0, .type = CLI_TEXT, .value = "ADDRESS", .preset = "127.1.0.1",
		.help = "address of the first one, in 127.0.0.0/8"),
	CLI_OPTION("port", 0, .type = CLI_NUMBER, .value = "N", .max = 65535, .preset = "0",
		.help = "UDP port; 0: the kernel chooses, see the ready line"),
	CLI_OPTION("profile", 0, .type = CLI_TEXT, .value = "A,B",
		.help = "profiles, in turn (all; none if there are recordings)"),
	CLI_OPTION("profile-file", 0, .type = CLI_FILE, .is_repeated = true, .value = "FILE",
		.words = ".profile", .help = "a profile of your own; repeatable"),
	CLI_OPTION("recording", 0, .type = CLI_FILE, .is_repeated = true, .value = "FILE",
		.help = "a recording as a profile; repeatable"),
	CLI_OPTION("keep-last", 0,
		.help = "use the last of repeated names in a recording, not the first"),
	CLI_OPTION("list-profiles", 0, .help = "print the names of the built-in profiles"),
	CLI_OPTION("list-others", 0, .help = "print the names of the profiles of other devices"),
	CLI_OPTION("seed", 0, .type = CLI_NUMBER, .value = "N", .max = INT64_MAX, .preset = "1",
		.help = "seed of everything random"),
	CLI_OPTION("epoch-ms", 0, .type = CLI_NUMBER, .value = "N", .min = 30000000000,
		.max = 9000000000000,
		.help = "Unix milliseconds at which the first job begins (now)"),
	CLI_OPTION("job-interval", 0, .type = CLI_DURATION, .value = "TIME", .max = 86400000,
		.preset = "20s", .help = "time between two jobs of one printer; 0: no jobs"),
	CLI_OPTION("latency", 0, .type = CLI_TEXT, .value = "MS", .preset = "0",
		.help = "time from request to response, up to 3000"),
	CLI_OPTION("jitter", 0, .type = CLI_TEXT, .value = "MS", .preset = "0",
		.help = "random addition to the latency, up to 1000"),
	CLI_OPTION("loss", 0, .type = CLI_TEXT, .value = "PERCENT", .preset = "0",
		.help = "loss of the requests, and of the responses"),
	CLI_OPTION("silent", 0, .type = CLI_NUMBER, .value = "PERCENT", .max = 100, .preset = "0",
		.help = "share of the printers that never respond; chosen by the seed"),
	CLI_OPTION("silent-last", 0, .type = CLI_NUMBER, .value = "N", .max = FLEET_PRINTERS,
		.help = "the last N printers never respond"),
	CLI_OPTION("silent-list", 0, .type = CLI_TEXT, .value = "LIST",
		.help = "these printers never respond: 3,5,7-9"),
	CLI_OPTION("sockets", 0, .type = CLI_NUMBER, .value = "N", .min = 1, .max = NET_SOCKETS,
		.preset = "4", .help = "number of sockets that share the port"),
	CLI_OPTION("control", 0, .type = CLI_FILE, .value = "PATH",
		.help = "Unix socket for commands, JSON lines (docs/sim.md)"),
	CLI_OPTION("max-response", 0, .type = CLI_NUMBER, .value = "BYTES", .min = 484,
		.max = 65507, .preset = "1472", .help = "largest response"),
	CLI_OPTION("community", 0, .type = CLI_TEXT, .value = "TEXT", .preset = "public",
		.help = "requests with another one get no response"),
	CLI_OPTION("non-printers", 0, .type = CLI_NUMBER, .value = "N", .max = FLEET_PRINTERS,
		.help = "number of other devices, numbered behind the printers"),
	CLI_OPTION("mixed", 0, .help = "give them addresses among those of the printers"),
	CLI_OPTION("spread", 0, .type = CLI_TEXT, .value = "NET/BITS",
		.help = "addresses spread over this network, chosen by the seed"),
	CLI_OPTION("second-address", 0, .type = CLI_NUMBER, .value = "N", .max = FLEET_PRINTERS,
		.help = "the first N printers have a second address"),
	CLI_OPTION("denied", 0, .type = CLI_TEXT, .is_repeated = true, .value = "NET/BITS",
		.help = "count datagrams to this network; repeatable"),
	CLI_OPTION("client-timeout", 0, .type = CLI_NUMBER, .value = "MS", .max = 60000,
		.help = "a response later than this does not count as in flight"),
	CLI_OPTION("v6", 0, .type = CLI_NUMBER, .value = "N", .min = 1, .max = NET_V6,
		.help = "the first N printers have a port each on ::1, too"),
	CLI_OPTION("v3", 0, .type = CLI_TEXT, .is_repeated = true,
		.value = "USER:auth:authpass:priv:privpass",
		.help = "an SNMPv3 user of all printers; repeatable"),
	CLI_OPTION("v3-users", 0, .type = CLI_FILE, .value = "FILE",
		.help = "lines of the same, optionally behind FIRST-LAST (printers)"),
	CLI_OPTION("only-v3", 0, .type = CLI_TEXT, .is_repeated = true, .value = "LIST",
		.help = "these printers have SNMPv3 only: 3,5,7-9 or 20% or all"),
	CLI_OPTION("only-v1", 0, .type = CLI_TEXT, .is_repeated = true, .value = "LIST",
		.help = "these have SNMPv1 only"),
	CLI_OPTION("no-v3", 0, .type = CLI_TEXT, .is_repeated = true, .value = "LIST",
		.help = "these have no SNMPv3"),
	CLI_OPTION("no-v2c", 0, .type = CLI_TEXT, .is_repeated = true, .value = "LIST",
		.help = "these have no SNMPv2c"),
	CLI_OPTION("duplicate-engine", 0, .type = CLI_TEXT, .is_repeated = true, .value = "LIST",
		.help = "these printers share one engineID; repeatable"),
	CLI_OPTION("fault", 0, .type = CLI_TEXT, .is_repeated = true, .value = "NAME[=VALUE]@LIST",
		.help = "a fault of these printers (docs/sim.md); repeatable"),
	{.name = NULL}};

static int wrong(const struct cli *cli, const char *name, const char *value)
{
	(void)cli_usage(cli, "--%s: invalid value \"%.64s\"", name, value);
	return ERR_USAGE;
}

static int read_ms(const struct cli *cli, const char *name, uint64_t max_ms, uint64_t *ret_us)
{
	const char *text = cli_value(cli, name);
	char *end;
	double ms = strtod(text, &end);
	if (end == text || *end != '\0' || !(ms >= 0) || ms > (double)max_ms)
		return wrong(cli, name, text);
	*ret_us = (uint64_t)(ms * 1000 + 0.5);
	return 0;
}

static int read_percent(const struct cli *cli, const char *name, double *ret)
{
	const char *text = cli_value(cli, name);
	char *end;
	*ret = strtod(text, &end);
	return end == text || *end != '\0' || !(*ret >= 0) || *ret > 100 ? wrong(cli, name, text)
									 : 0;
}

/* All values of a repeated option, behind those that are in the list. */
static int read_list(
	const struct cli *cli, const char *name, const char **list, size_t *count, size_t max)
{
	const char *text;
	for (size_t at = 0; (text = cli_next(cli, name, &at)) != NULL;) {
		if (*count == max)
			return wrong(cli, name, text);
		list[(*count)++] = text;
	}
	return 0;
}

/* "--only-v3 LIST" is "--fault only-v3@LIST". */
static int read_named_faults(const struct cli *cli, struct options *o)
{
	static const char *const names[] = {"only-v3", "only-v1", "no-v3", "no-v2c"};
	const char *text;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		for (size_t at = 0; (text = cli_next(cli, names[i], &at)) != NULL; o->named++) {
			if (o->named == OPTIONS_NAMED || o->faults == OPTIONS_FAULTS ||
				snprintf(o->named_text[o->named], OPTIONS_LINE, "%s@%s", names[i],
					text) >= OPTIONS_LINE)
				return wrong(cli, names[i], text);
			o->fault[o->faults++] = o->named_text[o->named];
		}
	}
	return 0;
}

/* "127.5.0.0/16" */
static int read_network(const struct cli *cli, const char *name, const char *text,
	uint32_t *network, uint32_t *size)
{
	char address[INET_ADDRSTRLEN];
	const char *slash = strchr(text, '/');
	size_t len = slash == NULL ? 0 : (size_t)(slash - text);
	uint64_t bits;
	struct in_addr in;
	if (slash == NULL || len >= sizeof address || str_to_u64(slash + 1, 8, 32, &bits) < 0)
		return wrong(cli, name, text);
	memcpy(address, text, len);
	address[len] = '\0';
	if (inet_pton(AF_INET, address, &in) != 1)
		return wrong(cli, name, text);
	*size = 1u << (32 - bits);
	*network = ntohl(in.s_addr);
	return (*network & (*size - 1)) == 0 && *network >> 24 == 127 ? 0 : wrong(cli, name, text);
}

static int read_networks(const struct cli *cli, struct options *o)
{
	const char *text = cli_value(cli, "spread");
	int err =
		text == NULL ? 0 : read_network(cli, "spread", text, &o->network, &o->spread_size);
	if (err == 0 && text != NULL && o->spread_size < 4)
		err = wrong(cli, "spread", text);
	for (size_t at = 0; err == 0 && (text = cli_next(cli, "denied", &at)) != NULL;) {
		size_t i = o->denied_count++;
		err = i == DENIED_NETWORKS_MAX ? wrong(cli, "denied", text)
					       : read_network(cli, "denied", text,
							 &o->denied[i].network, &o->denied[i].size);
	}
	return err;
}

static int read_lists(const struct cli *cli, struct options *o)
{
	int err = read_list(cli, "profile-file", o->profile_file, &o->profile_files, OPTIONS_FILES);
	if (err == 0)
		err = read_list(cli, "recording", o->recording, &o->recordings, OPTIONS_FILES);
	if (err == 0)
		err = read_list(cli, "v3", o->user, &o->users, OPTIONS_USERS);
	if (err == 0)
		err = read_list(cli, "fault", o->fault, &o->faults, OPTIONS_FAULTS);
	if (err == 0)
		err = read_list(
			cli, "duplicate-engine", o->duplicate, &o->duplicates, OPTIONS_FAULTS);
	return err == 0 ? read_named_faults(cli, o) : err;
}

static int check(const struct cli *cli, const struct options *o)
{
	if (strlen(o->community) > LIMIT_COMMUNITY)
		return wrong(cli, "community", o->community);
	if (o->net.v6 > o->printers) {
		(void)cli_usage(cli, "--v6 is more than --printers");
		return ERR_USAGE;
	}
	/* 127.255.255.255 is a broadcast address. */
	if (o->base >> 24 != 127 || o->printers + o->others + o->second > 0x7fffffffu - o->base) {
		(void)cli_usage(cli, "all addresses must lie in 127.0.0.0/8");
		return ERR_USAGE;
	}
	return 0;
}

int options_read(struct options *o, const struct cli *cli)
{
	struct in_addr base;
	*o = (struct options){.net = {.sockets = (unsigned)cli_number(cli, "sockets"),
				      .port = (uint16_t)cli_number(cli, "port"),
				      .client_timeout_ms = cli_number(cli, "client-timeout"),
				      .v6 = (unsigned)cli_number(cli, "v6")},
		.printers = cli_number(cli, "printers"),
		.seed = cli_number(cli, "seed"),
		.epoch_ms = cli_number(cli, "epoch-ms"),
		.job_interval_ms = cli_number(cli, "job-interval"),
		.silent_percent = (unsigned)cli_number(cli, "silent"),
		.silent_last = cli_number(cli, "silent-last"),
		.silent_list = cli_value(cli, "silent-list"),
		.max_response = cli_number(cli, "max-response"),
		.community = cli_value(cli, "community"),
		.control = cli_value(cli, "control"),
		.profiles = cli_value(cli, "profile"),
		.users_file = cli_value(cli, "v3-users"),
		.keep_last = cli_has(cli, "keep-last"),
		.others = cli_number(cli, "non-printers"),
		.second = cli_number(cli, "second-address"),
		.is_mixed = cli_has(cli, "mixed"),
		.is_list = cli_has(cli, "list-profiles") || cli_has(cli, "list-others"),
		.is_list_others = cli_has(cli, "list-others")};
	if (inet_pton(AF_INET, cli_value(cli, "base"), &base) != 1)
		return wrong(cli, "base", cli_value(cli, "base"));
	o->base = ntohl(base.s_addr);
	int err = read_ms(cli, "latency", 3000, &o->net.latency_us);
	if (err == 0)
		err = read_ms(cli, "jitter", 1000, &o->net.jitter_us);
	if (err == 0)
		err = read_percent(cli, "loss", &o->net.loss_percent);
	if (err == 0)
		err = read_networks(cli, o);
	if (err == 0)
		err = read_lists(cli, o);
	return err == 0 ? check(cli, o) : err;
}
