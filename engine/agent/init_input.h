/* SPDX-License-Identifier: Apache-2.0
 * The values of a first configuration: from the options, else asked on the terminal. */
#ifndef PLATEN_AGENT_INIT_INPUT_H
#define PLATEN_AGENT_INIT_INPUT_H

#include "engine/cli/cli.h"
#include "engine/conf/secret.h"
#include "proto/base/limits.h"

#include <limits.h>
#include <stdbool.h>

/* Texts without control characters; "": none. */
struct init_input {
	char state_dir[PATH_MAX];
	char site[LIMIT_CONF_VALUE];
	char ranges[16 * LIMIT_CONF_VALUE]; /* separated by commas */
	char community_file[PATH_MAX];
	char interval[32];
	char hub[LIMIT_CONF_VALUE];
	char user[LIMIT_CONF_VALUE];
	char password_file[PATH_MAX];
	char ca_file[PATH_MAX];
	char at[LIMIT_CONF_VALUE]; /* separated by commas */
	char timezone[LIMIT_CONF_VALUE];
	struct secret secret; /* to be written into password_file; empty: that file is there */
};

extern const struct cli_option init_options[];

/* `file`: the configuration that will be made. CLI_OK, or an exit code after a message. */
int init_input_read(struct init_input *in, const struct cli *cli, const char *file) MUST_USE;
void init_input_wipe(struct init_input *in);

#endif
