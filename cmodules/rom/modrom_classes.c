// SPDX-License-Identifier: MIT
//
// Classes in ROM: their attributes can be links, and cannot be set otherwise.

#include "py/runtime.h"

#include "modrom.h"

bool rom_store(mp_obj_t link_in, mp_obj_t value);
void rom_plain_type_attr(mp_obj_t self_in, qstr attr, mp_obj_t *dest);
void rom_type_attr(mp_obj_t self_in, qstr attr, mp_obj_t *dest);
void rom_convert_member_lookup(mp_obj_t self, const mp_obj_type_t *type, mp_obj_t member, mp_obj_t *dest);

// mp_convert_member_lookup() for what objtype.c found among the attributes of a class
void rom_convert_member_lookup(mp_obj_t self, const mp_obj_type_t *type, mp_obj_t member, mp_obj_t *dest) {
    if (rom_is_link(member)) {
        member = rom_follow(member);
        if (member == MP_OBJ_NULL) {
            return;
        }
    }
    mp_convert_member_lookup(self, type, member, dest);
}

// Attributes of a class, loaded, set or deleted; the protocol is in py/obj.h.
void rom_type_attr(mp_obj_t self_in, qstr attr, mp_obj_t *dest) {
    const mp_obj_type_t *self = MP_OBJ_TO_PTR(self_in);
    if (dest[0] != MP_OBJ_NULL && mp_obj_is_instance_type(self)) {
        mp_map_t *map = &MP_OBJ_TYPE_GET_SLOT(self, locals_dict)->map;
        if (map->is_fixed) {
            mp_map_elem_t *elem = mp_map_lookup(map, MP_OBJ_NEW_QSTR(attr), MP_MAP_LOOKUP);
            if (elem == NULL || !rom_is_link(elem->value) || !rom_store(elem->value, dest[1])) {
                mp_raise_msg_varg(&mp_type_AttributeError,
                    MP_ERROR_TEXT("class '%q' is in ROM: '%q' cannot be set"), (qstr)self->name, attr);
            }
            dest[0] = MP_OBJ_NULL;
            return;
        }
    }
    rom_plain_type_attr(self_in, attr, dest);
}
