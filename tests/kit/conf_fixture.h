/* SPDX-License-Identifier: Apache-2.0
 * A directory with a configuration and the files that it names: "password" (s3cret), "community"
 * (inside), "ca.pem", and "open", a password that others can read. */
#ifndef PLATEN_TESTS_KIT_CONF_FIXTURE_H
#define PLATEN_TESTS_KIT_CONF_FIXTURE_H

#include "engine/conf/conf.h"
#include "engine/conf/table.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

extern char conf_fixture_dir[64];

int conf_fixture_setup(void **state);

/* Fails if the directory holds a file besides those above, "platen.yaml" and "big.yaml". */
int conf_fixture_teardown(void **state);

/* The path of the file `name` of the directory. */
void conf_fixture_path(char *dst, size_t cap, const char *name);

void conf_fixture_write(const char *name, const void *bytes, size_t len, mode_t mode);

/* Loads `yaml` as "platen.yaml" of the directory. */
int conf_fixture_load(struct agent_conf *c, const char *yaml, struct conf_error *err);

/* True if `yaml` is refused with the messages `want`, without the path of the directory. Fails if
 * it is accepted; prints both texts if they differ. */
bool conf_fixture_is_message(const char *yaml, const char *want);

#endif
