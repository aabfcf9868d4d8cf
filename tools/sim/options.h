/* SPDX-License-Identifier: Apache-2.0
 * The command line of platen-sim. */
#ifndef PLATEN_SIM_OPTIONS_H
#define PLATEN_SIM_OPTIONS_H

#include "engine/cli/cli.h"
#include "tools/sim/net.h"

#include <stdint.h>

enum {
	OPTIONS_FILES = 128,
	OPTIONS_USERS = 64,
	OPTIONS_FAULTS = 64,
	OPTIONS_NAMED = 8,
	OPTIONS_LINE = 512
};

struct options {
	struct net_options net;
	size_t printers;
	uint32_t base; /* host order */
	uint64_t seed;
	uint64_t epoch_ms;
	uint64_t job_interval_ms;
	unsigned silent_percent;
	size_t silent_last;
	const char *silent_list; /* "3,5,7-9" */
	size_t max_response;
	const char *community;
	const char *control;
	const char *profiles; /* "hp,xerox-mono", NULL: all, or none if there are recordings */
	const char *profile_file[OPTIONS_FILES];
	size_t profile_files;
	const char *recording[OPTIONS_FILES];
	size_t recordings;
	const char *user[OPTIONS_USERS]; /* "USER:auth:authpass:priv:privpass[:level]" */
	size_t users;
	const char *users_file;
	const char *fault[OPTIONS_FAULTS]; /* "NAME[=VALUE]@LIST" */
	size_t faults;
	char named_text[OPTIONS_NAMED][OPTIONS_LINE]; /* faults from --only-v3 and the like */
	size_t named;
	const char *duplicate[OPTIONS_FAULTS]; /* lists of printers with one engineID */
	size_t duplicates;
	bool keep_last; /* use the last of repeated names in a recording */
	size_t others;  /* number of devices that are not printers */
	size_t second;  /* number of printers with two addresses */
	uint32_t network, spread_size;
	bool is_mixed;
	struct {
		uint32_t network, size;
	} denied[DENIED_NETWORKS_MAX];
	size_t denied_count;
	bool is_list, is_list_others;
};

extern const struct cli_option options_table[];

/* 0, or ERR_USAGE after a line on stderr. */
int options_read(struct options *o, const struct cli *cli) MUST_USE;

#endif
