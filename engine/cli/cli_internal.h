/* SPDX-License-Identifier: Apache-2.0
 * What cli.c and cli_help.c share. */
#ifndef PLATEN_CLI_CLI_INTERNAL_H
#define PLATEN_CLI_CLI_INTERNAL_H

#include "engine/cli/cli.h"

#include <stdio.h>

void cli_help_program(FILE *out, const struct cli_program *p);
void cli_help_verb(FILE *out, const struct cli_program *p, const struct cli_verb *v);

#endif
