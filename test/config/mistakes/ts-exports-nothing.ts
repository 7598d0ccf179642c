const providers = [];
