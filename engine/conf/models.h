/* SPDX-License-Identifier: Apache-2.0
 * Model files of a folder beside those that are compiled in (docs/models.md). Reads files and
 * blocks: before the loop runs. */
#ifndef PLATEN_CONF_MODELS_H
#define PLATEN_CONF_MODELS_H

#include "engine/conf/conf.h"
#include "proto/base/err.h"
#include "proto/model/model.h"

/* The built-in families, and then every *.yaml of the folder in the order of their names. The
 * folder and the files must be this user's or root's, and no other user may have write permission:
 * they determine the requests to every printer. 0, and the caller closes the set with models_close;
 * or ERR_CONF with one message, "FOLDER/FILE:LINE:COLUMN: ...", and nothing is open. */
int conf_load_models(struct models *set, const char *folder, struct conf_error *err) MUST_USE;

#endif
