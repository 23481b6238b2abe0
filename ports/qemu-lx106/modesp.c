// SPDX-License-Identifier: MIT
// The part of the chip's `esp` module that works on the flash.

#include "py/mperrno.h"
#include "py/mphal.h"
#include "py/runtime.h"

#include "flash.h"

static void raise_if(int error) {
    if (error) {
        mp_raise_OSError(-error);
    }
}

// esp.osdebug(level): accepted, there is no SDK that could print.
static mp_obj_t esp_osdebug(size_t n_args, const mp_obj_t *args) {
    (void)n_args;
    (void)args;
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(esp_osdebug_obj, 1, 2, esp_osdebug);

// esp.flash_size(): bytes.
static mp_obj_t esp_flash_size(void) {
    return mp_obj_new_int_from_uint(flash_size());
}
static MP_DEFINE_CONST_FUN_OBJ_0(esp_flash_size_obj, esp_flash_size);

// esp.flash_id(): the JEDEC ID as the chip's function gives it, of which the third byte is the
// capacity, a power of two.
static mp_obj_t esp_flash_id(void) {
    mp_uint_t power = 0;
    while ((size_t)1 << power < flash_size()) {
        ++power;
    }
    return MP_OBJ_NEW_SMALL_INT(power << 16);
}
static MP_DEFINE_CONST_FUN_OBJ_0(esp_flash_id_obj, esp_flash_id);

// esp.flash_user_start(): offset in bytes where the file system starts.
static mp_obj_t esp_flash_user_start(void) {
    return MP_OBJ_NEW_SMALL_INT(0);
}
static MP_DEFINE_CONST_FUN_OBJ_0(esp_flash_user_start_obj, esp_flash_user_start);

// esp.flash_read(offset, length_or_buffer): fills the buffer, or returns bytes.
static mp_obj_t esp_flash_read(mp_obj_t offset_in, mp_obj_t target) {
    mp_int_t offset = mp_obj_get_int(offset_in);
    if (mp_obj_is_int(target)) {
        vstr_t vstr;
        vstr_init_len(&vstr, mp_obj_get_int(target));
        raise_if(flash_read(offset, (uint8_t *)vstr.buf, vstr.len));
        return mp_obj_new_bytes_from_vstr(&vstr);
    }
    mp_buffer_info_t bufinfo;
    mp_get_buffer_raise(target, &bufinfo, MP_BUFFER_WRITE);
    raise_if(flash_read(offset, bufinfo.buf, bufinfo.len));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(esp_flash_read_obj, esp_flash_read);

// esp.flash_write(offset, data): clears bits; len(data) is a multiple of 4.
static mp_obj_t esp_flash_write(mp_obj_t offset_in, mp_obj_t data_in) {
    mp_int_t offset = mp_obj_get_int(offset_in);
    mp_buffer_info_t bufinfo;
    mp_get_buffer_raise(data_in, &bufinfo, MP_BUFFER_READ);
    if (bufinfo.len & 3) {
        mp_raise_ValueError(MP_ERROR_TEXT("len must be multiple of 4"));
    }
    MICROPY_INTERNAL_EVENT_HOOK;
    raise_if(flash_program(offset, bufinfo.buf, bufinfo.len));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(esp_flash_write_obj, esp_flash_write);

// esp.flash_erase(sector): sets all 4096 bytes of a sector to 0xff.
static mp_obj_t esp_flash_erase(mp_obj_t sector_in) {
    MICROPY_INTERNAL_EVENT_HOOK;
    raise_if(flash_erase_sector(mp_obj_get_int(sector_in)));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(esp_flash_erase_obj, esp_flash_erase);

static const mp_rom_map_elem_t esp_globals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_esp) },
    { MP_ROM_QSTR(MP_QSTR_osdebug), MP_ROM_PTR(&esp_osdebug_obj) },
    { MP_ROM_QSTR(MP_QSTR_flash_size), MP_ROM_PTR(&esp_flash_size_obj) },
    { MP_ROM_QSTR(MP_QSTR_flash_id), MP_ROM_PTR(&esp_flash_id_obj) },
    // Of the flash's end, which is ROMFS here and the SDK's on the chip.
    { MP_ROM_QSTR(MP_QSTR_SDK_BLOCKS), MP_ROM_INT(FLASH_ROMFS_SIZE / FLASH_SECTOR_SIZE) },
    { MP_ROM_QSTR(MP_QSTR_flash_user_start), MP_ROM_PTR(&esp_flash_user_start_obj) },
    { MP_ROM_QSTR(MP_QSTR_flash_read), MP_ROM_PTR(&esp_flash_read_obj) },
    { MP_ROM_QSTR(MP_QSTR_flash_write), MP_ROM_PTR(&esp_flash_write_obj) },
    { MP_ROM_QSTR(MP_QSTR_flash_erase), MP_ROM_PTR(&esp_flash_erase_obj) },
};
static MP_DEFINE_CONST_DICT(esp_globals, esp_globals_table);

const mp_obj_module_t mp_module_esp = {
    .base = { &mp_type_module },
    .globals = (mp_obj_dict_t *)&esp_globals,
};

MP_REGISTER_MODULE(MP_QSTR_esp, mp_module_esp);
