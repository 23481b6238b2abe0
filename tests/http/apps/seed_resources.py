# SPDX-License-Identifier: MIT
# The documentation's REST resources, word for word: the form with headers under /h, the form
# without under /d; the function resources of both forms.
import onport  # noqa: F401

import tinyweb

app = tinyweb.webserver()
db = {}
next_id = 1

# fmt: off


class CustomersList():
    def get(self, data, headers):
        """Return list of all customers"""
        return {'1': {'name': 'Jack'}, '2': {'name': 'Bob'}}

    def post(self, data, headers):
        """Add customer"""
        db[str(next_id)] = data
        return {'message': 'created'}, 201

    def delete(self, data, headers):
        """Delete customer if authorized"""
        if b'Authorization' in headers:
            del db[str(next_id)]
            return {'message': 'deleted'}, 200
        else:
            return {'message': 'forbidden'}, 403


app.add_resource(CustomersList, '/h/customers')


# Regular version
@app.resource('/h/user/<id>')
def user(data, headers, id):
    return {'id': id, 'name': 'foo'}


# Generator based / different HTTP method
@app.resource('/h/user/<id>', method='POST')
async def user(data, headers, id):  # noqa: F811
    yield '{'
    yield '"id": "{}",'.format(id)
    yield '"name": "test",'
    yield '}'


class CustomersList():  # noqa: F811
    def get(self, data):
        """Return list of all customers"""
        return {'1': {'name': 'Jack'}, '2': {'name': 'Bob'}}

    def post(self, data):
        """Add customer"""
        db[str(next_id)] = data
        return {'message': 'created'}, 201


app.add_resource(CustomersList, '/d/customers')


# Regular version
@app.resource('/d/user/<id>')
def user(data, id):  # noqa: F811
    return {'id': id, 'name': 'foo'}


# Generator based / different HTTP method
@app.resource('/d/user/<id>', method='POST')
async def user(data, id):  # noqa: F811
    yield '{'
    yield '"id": "{}",'.format(id)
    yield '"name": "test",'
    yield '}'


# fmt: on


@app.resource("/db")
def show(data):
    return db


app.run()
