/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/sim/options.h"

#include "proto/base/str.h"
#include "proto/smi/request.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum option_id {
	OPT_PRINTERS = 256,
	OPT_BASE,
	OPT_PORT,
	OPT_PROFILE,
	OPT_PROFILE_FILE,
	OPT_RECORDING,
	OPT_KEEP_LAST,
	OPT_SEED,
	OPT_EPOCH,
	OPT_JOB_INTERVAL,
	OPT_LATENCY,
	OPT_JITTER,
	OPT_LOSS,
	OPT_SILENT,
	OPT_SILENT_LAST,
	OPT_SILENT_LIST,
	OPT_SOCKETS,
	OPT_CONTROL,
	OPT_MAX_RESPONSE,
	OPT_COMMUNITY,
	OPT_V3,
	OPT_V3_USERS,
	OPT_FAULT,
	OPT_ONLY_V3,
	OPT_ONLY_V1,
	OPT_NO_V3,
	OPT_NO_V2C,
	OPT_DUPLICATE_ENGINE,
	OPT_NON_PRINTERS,
	OPT_MIXED,
	OPT_SPREAD,
	OPT_SECOND,
	OPT_DENIED,
	OPT_CLIENT_TIMEOUT,
	OPT_V6,
	OPT_LIST,
	OPT_LIST_OTHERS,
	OPT_HELP
};

static const struct option long_options[] = {{"printers", 1, NULL, OPT_PRINTERS},
	{"base", 1, NULL, OPT_BASE}, {"port", 1, NULL, OPT_PORT}, {"profile", 1, NULL, OPT_PROFILE},
	{"profile-file", 1, NULL, OPT_PROFILE_FILE}, {"recording", 1, NULL, OPT_RECORDING},
	{"keep-last", 0, NULL, OPT_KEEP_LAST}, {"seed", 1, NULL, OPT_SEED},
	{"epoch-ms", 1, NULL, OPT_EPOCH}, {"job-interval", 1, NULL, OPT_JOB_INTERVAL},
	{"latency", 1, NULL, OPT_LATENCY}, {"jitter", 1, NULL, OPT_JITTER},
	{"loss", 1, NULL, OPT_LOSS}, {"silent", 1, NULL, OPT_SILENT},
	{"silent-last", 1, NULL, OPT_SILENT_LAST}, {"silent-list", 1, NULL, OPT_SILENT_LIST},
	{"sockets", 1, NULL, OPT_SOCKETS}, {"control", 1, NULL, OPT_CONTROL},
	{"max-response", 1, NULL, OPT_MAX_RESPONSE}, {"community", 1, NULL, OPT_COMMUNITY},
	{"v3", 1, NULL, OPT_V3}, {"v3-users", 1, NULL, OPT_V3_USERS}, {"fault", 1, NULL, OPT_FAULT},
	{"only-v3", 1, NULL, OPT_ONLY_V3}, {"only-v1", 1, NULL, OPT_ONLY_V1},
	{"no-v3", 1, NULL, OPT_NO_V3}, {"no-v2c", 1, NULL, OPT_NO_V2C},
	{"duplicate-engine", 1, NULL, OPT_DUPLICATE_ENGINE},
	{"non-printers", 1, NULL, OPT_NON_PRINTERS}, {"mixed", 0, NULL, OPT_MIXED},
	{"spread", 1, NULL, OPT_SPREAD}, {"second-address", 1, NULL, OPT_SECOND},
	{"denied", 1, NULL, OPT_DENIED}, {"client-timeout", 1, NULL, OPT_CLIENT_TIMEOUT},
	{"v6", 1, NULL, OPT_V6}, {"list-others", 0, NULL, OPT_LIST_OTHERS},
	{"list-profiles", 0, NULL, OPT_LIST}, {"help", 0, NULL, OPT_HELP}, {NULL, 0, NULL, 0}};

void options_help(void)
{
	puts("platen-sim: synthetic printers on the loopback device, for tests and measurements.\n"
	     "\n"
	     "usage: platen-sim [options]\n"
	     "  --printers N         how many (2000; up to 100000), at consecutive addresses\n"
	     "  --base ADDRESS       of the first one, in 127.0.0.0/8 (127.1.0.1)\n"
	     "  --port N             UDP port; 0: the kernel chooses, see the ready line (0)\n"
	     "  --profile A,B        profiles, in turn (all; none if there are recordings)\n"
	     "  --profile-file FILE  a profile of your own; repeatable\n"
	     "  --recording FILE     a recorded walk as a profile; repeatable\n"
	     "  --keep-last          use the last of repeated names in a recording, not the first\n"
	     "  --list-profiles      names of the built-in profiles\n"
	     "  --seed N             seed of everything random (1)\n"
	     "  --epoch-ms N         Unix ms at which the first job begins (now)\n"
	     "  --job-interval TIME  between two jobs of one printer; 0: no jobs (20s)\n"
	     "  --latency MS         from request to response, up to 3000 (0)\n"
	     "  --jitter MS          random addition to the latency (0)\n"
	     "  --loss PERCENT       of the requests, and of the responses (0)\n"
	     "  --silent PERCENT     of the printers never respond; chosen by the seed (0)\n"
	     "  --silent-last N      the last N printers never respond\n"
	     "  --silent-list LIST   these printers never respond: 3,5,7-9\n"
	     "  --sockets N          number of sockets that share the port (4; up to 64)\n"
	     "  --control PATH       Unix socket for commands, JSON lines (docs/sim.md)\n"
	     "  --max-response BYTES largest response (1472)\n"
	     "  --community TEXT     requests with another one get no response (public)\n"
	     "  --non-printers N     other devices, numbered behind the printers (0)\n"
	     "  --mixed              give them addresses among those of the printers\n"
	     "  --spread NET/BITS    addresses spread over this network, chosen by the seed\n"
	     "  --second-address N   the first N printers have a second address (0)\n"
	     "  --denied NET/BITS    count datagrams to this network; repeatable\n"
	     "  --client-timeout MS  a response later than this does not count as in flight\n"
	     "  --v6 N               the first N printers (up to 512) have a port each on ::1, "
	     "too\n"
	     "  --list-others        names of the profiles of other devices\n"
	     "  --v3 USER:auth:authpass:priv:privpass  an SNMPv3 user of all printers; repeatable\n"
	     "  --v3-users FILE      lines of the same, optionally behind FIRST-LAST (printers)\n"
	     "  --only-v3 LIST, --only-v1 LIST, --no-v3 LIST, --no-v2c LIST\n"
	     "                       versions of these printers: 3,5,7-9 or 20% or all\n"
	     "  --duplicate-engine LIST  these printers share one engineID; repeatable\n"
	     "  --fault NAME[=VALUE]@LIST  a fault of these printers (docs/sim.md); repeatable\n"
	     "\n"
	     "Prints one JSON line when it is ready. SIGTERM ends it and prints its counts on "
	     "stderr.");
}

static int wrong(const char *name, const char *value)
{
	fprintf(stderr, "platen-sim: --%s: invalid value \"%s\" (see --help)\n", name, value);
	return ERR_USAGE;
}

static int read_number(
	const char *name, const char *text, uint64_t min, uint64_t max, uint64_t *ret)
{
	return str_to_u64(text, min, max, ret) < 0 ? wrong(name, text) : 0;
}

static int read_ms(const char *name, const char *text, uint64_t max_ms, uint64_t *ret_us)
{
	char *end;
	double ms = strtod(text, &end);
	if (end == text || *end != '\0' || !(ms >= 0) || ms > (double)max_ms)
		return wrong(name, text);
	*ret_us = (uint64_t)(ms * 1000 + 0.5);
	return 0;
}

static int read_percent(const char *name, const char *text, double *ret)
{
	char *end;
	*ret = strtod(text, &end);
	return end == text || *end != '\0' || !(*ret >= 0) || *ret > 100 ? wrong(name, text) : 0;
}

static int add_text(
	const char *name, const char *text, const char **list, size_t *count, size_t most)
{
	if (*count == most)
		return wrong(name, text);
	list[(*count)++] = text;
	return 0;
}

/* "--only-v3 LIST" is "--fault only-v3@LIST". */
static int add_named_fault(struct options *o, const char *name, const char *text)
{
	if (o->named == OPTIONS_NAMED || snprintf(o->named_text[o->named], OPTIONS_LINE, "%s@%s",
						 name, text) >= OPTIONS_LINE)
		return wrong(name, text);
	return add_text(name, o->named_text[o->named++], o->fault, &o->faults, OPTIONS_FAULTS);
}

/* "127.5.0.0/16" */
static int read_network(const char *name, const char *text, uint32_t *network, uint32_t *size)
{
	char address[INET_ADDRSTRLEN];
	const char *slash = strchr(text, '/');
	size_t len = slash == NULL ? 0 : (size_t)(slash - text);
	uint64_t bits;
	struct in_addr in;
	if (slash == NULL || len >= sizeof address || str_to_u64(slash + 1, 8, 32, &bits) < 0)
		return wrong(name, text);
	memcpy(address, text, len);
	address[len] = '\0';
	if (inet_pton(AF_INET, address, &in) != 1)
		return wrong(name, text);
	*size = 1u << (32 - bits);
	*network = ntohl(in.s_addr);
	return (*network & (*size - 1)) == 0 && *network >> 24 == 127 ? 0 : wrong(name, text);
}

static int read_spread(struct options *o, const char *name, const char *text)
{
	int err = read_network(name, text, &o->network, &o->spread_size);
	return err == 0 && o->spread_size < 4 ? wrong(name, text) : err;
}

static int read_denied(struct options *o, const char *name, const char *text)
{
	if (o->denied_count == DENIED_NETWORKS_MAX)
		return wrong(name, text);
	size_t i = o->denied_count++;
	return read_network(name, text, &o->denied[i].network, &o->denied[i].size);
}

static int read_one(struct options *o, enum option_id id, const char *name, const char *text)
{
	uint64_t n = 0;
	int err = 0;
	struct in_addr in;
	switch (id) {
	case OPT_PRINTERS:
		err = read_number(name, text, 1, FLEET_PRINTERS, &n);
		o->printers = n;
		return err;
	case OPT_BASE:
		if (inet_pton(AF_INET, text, &in) != 1)
			return wrong(name, text);
		o->base = ntohl(in.s_addr);
		return 0;
	case OPT_PORT:
		err = read_number(name, text, 0, 65535, &n);
		o->net.port = (uint16_t)n;
		return err;
	case OPT_PROFILE:
		o->profiles = text;
		return 0;
	case OPT_PROFILE_FILE:
		return add_text(name, text, o->profile_file, &o->profile_files, OPTIONS_FILES);
	case OPT_RECORDING:
		return add_text(name, text, o->recording, &o->recordings, OPTIONS_FILES);
	case OPT_KEEP_LAST:
		o->keep_last = true;
		return 0;
	case OPT_SEED:
		return read_number(name, text, 0, INT64_MAX, &o->seed);
	case OPT_EPOCH:
		return read_number(
			name, text, 3000000000000ull / 100, 9000000000000ull, &o->epoch_ms);
	case OPT_JOB_INTERVAL:
		return str_to_ms(text, &o->job_interval_ms) < 0 || o->job_interval_ms > 86400000
			       ? wrong(name, text)
			       : 0;
	case OPT_LATENCY:
		return read_ms(name, text, 3000, &o->net.latency_us);
	case OPT_JITTER:
		return read_ms(name, text, 1000, &o->net.jitter_us);
	case OPT_LOSS:
		return read_percent(name, text, &o->net.loss_percent);
	case OPT_SILENT:
		err = read_number(name, text, 0, 100, &n);
		o->silent_percent = (unsigned)n;
		return err;
	case OPT_SILENT_LAST:
		err = read_number(name, text, 0, FLEET_PRINTERS, &n);
		o->silent_last = n;
		return err;
	case OPT_SILENT_LIST:
		o->silent_list = text;
		return 0;
	case OPT_SOCKETS:
		err = read_number(name, text, 1, NET_SOCKETS, &n);
		o->net.sockets = (unsigned)n;
		return err;
	case OPT_CONTROL:
		o->control = text;
		return 0;
	case OPT_MAX_RESPONSE:
		err = read_number(name, text, 484, 65507, &n);
		o->max_response = n;
		return err;
	case OPT_COMMUNITY:
		o->community = text;
		return strlen(text) > LIMIT_COMMUNITY ? wrong(name, text) : 0;
	case OPT_V3:
		return add_text(name, text, o->user, &o->users, OPTIONS_USERS);
	case OPT_V3_USERS:
		o->users_file = text;
		return 0;
	case OPT_FAULT:
		return add_text(name, text, o->fault, &o->faults, OPTIONS_FAULTS);
	case OPT_ONLY_V3:
	case OPT_ONLY_V1:
	case OPT_NO_V3:
	case OPT_NO_V2C:
		return add_named_fault(o, name, text);
	case OPT_DUPLICATE_ENGINE:
		return add_text(name, text, o->duplicate, &o->duplicates, OPTIONS_FAULTS);
	case OPT_NON_PRINTERS:
		err = read_number(name, text, 0, FLEET_PRINTERS, &n);
		o->others = n;
		return err;
	case OPT_MIXED:
		o->is_mixed = true;
		return 0;
	case OPT_SPREAD:
		return read_spread(o, name, text);
	case OPT_DENIED:
		return read_denied(o, name, text);
	case OPT_CLIENT_TIMEOUT:
		return read_number(name, text, 0, 60000, &o->net.client_timeout_ms);
	case OPT_V6:
		err = read_number(name, text, 1, NET_V6, &n);
		o->net.v6 = (unsigned)n;
		return err;
	case OPT_SECOND:
		err = read_number(name, text, 0, FLEET_PRINTERS, &n);
		o->second = n;
		return err;
	case OPT_LIST_OTHERS:
		o->is_list_others = true;
		o->is_list = true;
		return 0;
	case OPT_LIST:
		o->is_list = true;
		return 0;
	case OPT_HELP:
		o->is_help = true;
		return 0;
	}
	return ERR_USAGE;
}

int options_read(struct options *o, int argc, char **argv)
{
	*o = (struct options){.net = {.sockets = 4},
		.printers = 2000,
		.base = 0x7f010001u,
		.seed = 1,
		.job_interval_ms = 20000,
		.max_response = 1472,
		.community = "public"};
	for (;;) {
		int at = 0;
		int id = getopt_long(argc, argv, "h", long_options, &at);
		if (id == -1)
			break;
		if (id == '?')
			return ERR_USAGE;
		if (id == 'h')
			id = OPT_HELP;
		int err = read_one(o, (enum option_id)id, long_options[at].name, optarg);
		if (err < 0)
			return err;
	}
	if (optind < argc) {
		fprintf(stderr, "platen-sim: unexpected argument \"%s\" (see --help)\n",
			argv[optind]);
		return ERR_USAGE;
	}
	if (o->net.v6 > o->printers) {
		fprintf(stderr, "platen-sim: --v6: more than --printers\n");
		return ERR_USAGE;
	}
	/* 127.255.255.255 is a broadcast address. */
	if (o->base >> 24 != 127 || o->printers + o->others + o->second > 0x7fffffffu - o->base) {
		fprintf(stderr, "platen-sim: all addresses must lie in 127.0.0.0/8\n");
		return ERR_USAGE;
	}
	return 0;
}
