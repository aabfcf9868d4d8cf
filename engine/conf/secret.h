/* SPDX-License-Identifier: Apache-2.0
 * A secret: a fixed buffer that only code which needs the bytes touches. There is no function here
 * or in the log that prints one; secret_wipe leaves nothing of it behind. */
#ifndef PLATEN_CONF_SECRET_H
#define PLATEN_CONF_SECRET_H

#include "proto/base/err.h"
#include "proto/base/limits.h"

#include <stddef.h>

struct secret {
	size_t len;                     /* 0: there is none */
	char bytes[LIMIT_PASSWORD + 1]; /* with a NUL behind */
};

/* Reads the first line of the file at `path` (a trailing newline is cut; a second line, a NUL or
 * more than LIMIT_PASSWORD bytes are refused). The file must be private
 * (file_open_private). 0, or an error with a sentence in `why` that names the file and says what to
 * do. */
int secret_read(struct secret *s, const char *path, char *why, size_t why_cap) MUST_USE;

/* The same of a variable of the environment, where the configuration allows that. */
int secret_read_env(struct secret *s, const char *name, char *why, size_t why_cap) MUST_USE;

/* NAME of "env:NAME", the form in which the configuration keeps a key that ends with _env; else
 * NULL. */
const char *secret_env_of(const char *path);

/* Idempotent. */
void secret_wipe(struct secret *s);

#endif
