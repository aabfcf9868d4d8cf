/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/conf/models.h"

#include "engine/conf/load.h"
#include "proto/base/limits.h"
#include "engine/loop/file.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* One file: its bytes into the set. */
static int add_file(
	struct models *set, const char *folder, const char *name, struct conf_error *err)
{
	char path[LIMIT_CONF_VALUE + NAME_MAX + 2], why[sizeof path + LIMIT_WHY];
	char reason[LIMIT_WHY];
	struct buf bytes;
	(void)snprintf(path, sizeof path, "%s/%s", folder, name);
	int fd = file_open_trusted(path, false, why, sizeof why);
	if (fd < 0) {
		conf_say_line(err, why);
		return ERR_CONF;
	}
	buf_open(&bytes, LIMIT_MODEL_BYTES + 1);
	int result = file_read(&bytes, fd);
	(void)close(fd); /* only read from */
	if (result == ERR_LIMIT) {
		conf_error_say(err, conf_in_file(path), "larger than a model file may be (%u KiB)",
			LIMIT_MODEL_BYTES >> 10);
	} else if (result < 0) {
		conf_error_say(err, conf_in_file(path), "cannot be read: %s", err_text(result));
	} else {
		result = models_add(set, name, bytes.data, bytes.len, reason);
		if (result < 0) {
			(void)snprintf(why, sizeof why, "%s/%s", folder, reason);
			conf_say_line(err, why);
		}
	}
	buf_close(&bytes);
	return result < 0 ? ERR_CONF : 0;
}

static int add_folder(struct models *set, const char *folder, struct conf_error *err)
{
	struct conf_folder names;
	char why[LIMIT_WHY];
	if (strlen(folder) > LIMIT_CONF_VALUE) {
		conf_error_say(err, conf_in_file("models"), "the name of the folder is too long");
		return ERR_CONF;
	}
	int result = conf_list_folder(&names, folder, false, err);
	for (size_t i = 0; i < names.count && result == 0; i++)
		result = add_file(set, folder, names.name[i], err);
	if (result == 0 && models_finish(set, why) < 0) {
		conf_error_say(err, conf_in_file(folder), "%s", why);
		result = ERR_CONF;
	}
	return result;
}

int conf_load_models(struct models *set, const char *folder, struct conf_error *err)
{
	char why[LIMIT_WHY] = "";
	*err = (struct conf_error){.count = 0};
	int result = models_open(set);
	if (result == 0)
		result = models_add_builtin(set, why);
	if (result < 0)
		conf_error_say(
			err, conf_in_file(folder), "%s", why[0] != '\0' ? why : err_text(result));
	else
		result = add_folder(set, folder, err);
	if (result < 0) {
		models_close(set);
		return ERR_CONF;
	}
	return 0;
}
