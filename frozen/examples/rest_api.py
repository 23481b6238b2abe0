# SPDX-License-Identifier: MIT
"""A REST API over a small customer database, kept in memory.

    GET    /customers         all customers, an object of id: customer
    POST   /customers         add one: a form or JSON with a "name"
    GET    /customers/<id>    one customer
    PUT    /customers/<id>    replace one
    DELETE /customers/<id>    remove one; needs an Authorization header
    GET    /names             the names only, sent piece by piece

    >>> import examples.rest_api as rest_api
    >>> rest_api.run()

and from a computer:

    curl http://<your ip>:8081/customers
    curl -d name=Ann -d city=Oslo http://<your ip>:8081/customers
    curl -X DELETE -H 'Authorization: Bearer x' http://<your ip>:8081/customers/1
"""

import json

import tinyweb

from micropython import const

# Each customer stays in memory, so their number needs an end.
MAX_CUSTOMERS = const(20)

app = tinyweb.webserver()

db = {
    "1": {"name": "Jack"},
    "2": {"name": "Bob"},
}
next_id = 3


def not_found():
    return {"message": "no such customer"}, 404


# A handler that needs no headers leaves them out: get(self, data).
class CustomersList:
    def get(self, data):
        """Return all customers."""
        return db

    def post(self, data):
        """Add a customer and tell its id."""
        global next_id
        if "name" not in data:
            return {"message": "name is missing"}, 400
        if len(db) >= MAX_CUSTOMERS:
            return {"message": "the database is full"}, 409
        new_id = str(next_id)
        next_id += 1
        db[new_id] = data
        return {"message": "created", "id": new_id}, 201


# A handler that wants headers asks for them: get(self, data, headers). Their names are bytes.
# What stands in the URL as <customer_id> comes last.
class Customer:
    def get(self, data, headers, customer_id):
        """Return one customer."""
        if customer_id not in db:
            return not_found()
        return db[customer_id]

    def put(self, data, headers, customer_id):
        """Replace one customer."""
        if customer_id not in db:
            return not_found()
        if "name" not in data:
            return {"message": "name is missing"}, 400
        db[customer_id] = data
        return {"message": "updated"}

    def delete(self, data, headers, customer_id):
        """Delete a customer if authorized."""
        # A real application compares the value with a secret of its own.
        if b"Authorization" not in headers:
            return {"message": "forbidden"}, 403
        if customer_id not in db:
            return not_found()
        del db[customer_id]
        return {"message": "deleted"}


app.add_resource(CustomersList, "/customers")
app.add_resource(Customer, "/customers/<customer_id>")


# A generator sends each piece as it comes, so a long answer needs little memory.
@app.resource("/names")
async def names(data):
    separator = "["
    for customer in list(db.values()):
        yield separator + json.dumps(customer["name"])
        separator = ","
    yield "[]" if separator == "[" else "]"


def run(host="0.0.0.0", port=8081, **kwargs):
    """Serve until interrupted; further keywords go to `webserver.run()`."""
    app.run(host=host, port=port, **kwargs)


if __name__ == "__main__":
    run()
