/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/conf/models.h"

#include "engine/conf/load.h"
#include "proto/base/limits.h"
#include "engine/loop/file.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The names of the model files of a folder. */
struct names {
	size_t count;
	char name[LIMIT_MODELS][NAME_MAX + 1];
};

static const struct conf_mark nowhere;

static bool is_model_file(const char *name)
{
	static const char end[] = ".yaml";
	size_t len = strlen(name);
	/* Editors leave hidden copies behind. */
	return name[0] != '.' && len >= sizeof end && strcmp(name + len - strlen(end), end) == 0;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(a, b);
}

static int take_names(struct names *n, DIR *dir, const char *folder, struct conf_error *err)
{
	const struct dirent *entry;
	errno = 0;
	while ((entry = readdir(dir)) != NULL) {
		if (!is_model_file(entry->d_name))
			continue;
		if (n->count == LIMIT_MODELS) {
			conf_say(err, folder, nowhere, "holds more than %d model files",
				LIMIT_MODELS);
			return ERR_CONF;
		}
		(void)snprintf(n->name[n->count++], sizeof n->name[0], "%s", entry->d_name);
		errno = 0;
	}
	if (errno != 0) {
		conf_say(err, folder, nowhere, "cannot be read: %s", err_text(-errno));
		return ERR_CONF;
	}
	qsort(n->name, n->count, sizeof n->name[0], compare_names);
	return 0;
}

static int list_folder(struct names *n, const char *folder, struct conf_error *err)
{
	char why[LIMIT_CONF_VALUE + LIMIT_WHY];
	int fd = file_open_trusted(folder, true, why, sizeof why);
	if (fd < 0) {
		conf_say_line(err, why);
		return ERR_CONF;
	}
	DIR *dir = fdopendir(fd);
	if (dir == NULL) {
		conf_say(err, folder, nowhere, "cannot be read: %s", err_text(-errno));
		(void)close(fd);
		return ERR_CONF;
	}
	int result = take_names(n, dir, folder, err);
	(void)closedir(dir); /* only read from */
	return result;
}

/* One file: its bytes into the set. */
static int add_file(
	struct models *set, const char *folder, const char *name, struct conf_error *err)
{
	char path[LIMIT_CONF_VALUE + NAME_MAX + 2], why[sizeof path + LIMIT_WHY];
	char told[LIMIT_WHY];
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
		conf_say(err, path, nowhere, "larger than a model file may be (%u KiB)",
			LIMIT_MODEL_BYTES >> 10);
	} else if (result < 0) {
		conf_say(err, path, nowhere, "cannot be read: %s", err_text(result));
	} else {
		result = models_add(set, name, bytes.data, bytes.len, told);
		if (result < 0) {
			(void)snprintf(why, sizeof why, "%s/%s", folder, told);
			conf_say_line(err, why);
		}
	}
	buf_close(&bytes);
	return result < 0 ? ERR_CONF : 0;
}

static int add_folder(struct models *set, const char *folder, struct conf_error *err)
{
	struct names names = {.count = 0};
	char why[LIMIT_WHY];
	if (strlen(folder) > LIMIT_CONF_VALUE) {
		conf_say(err, "models", nowhere, "the name of the folder is too long");
		return ERR_CONF;
	}
	int result = list_folder(&names, folder, err);
	for (size_t i = 0; i < names.count && result == 0; i++)
		result = add_file(set, folder, names.name[i], err);
	if (result == 0 && models_finish(set, why) < 0) {
		conf_say(err, folder, nowhere, "%s", why);
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
		conf_say(err, folder, nowhere, "%s", why[0] != '\0' ? why : err_text(result));
	else
		result = add_folder(set, folder, err);
	if (result < 0) {
		models_close(set);
		return ERR_CONF;
	}
	return 0;
}
