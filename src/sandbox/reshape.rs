//! The right answer in another shape: what vendors change without telling, and what they leave out.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::call::Reply;

/// How a JSON answer is changed, in all its depth.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reshape {
    /// Every object has fields that nobody knows.
    Novelties,
    /// Numbers are texts.
    Texts,
    /// The field of this name is missing.
    Without(String),
}

impl Reshape {
    /// The answer in the new shape; what is no JSON stays as it is.
    pub fn of(&self, reply: Reply) -> Reply {
        let Ok(mut body) = serde_json::from_slice::<Value>(&reply.body) else { return reply };
        self.change(&mut body);
        Reply { body: body.to_string().into_bytes(), ..reply }
    }

    fn change(&self, value: &mut Value) {
        match value {
            Value::Object(fields) => {
                if let Self::Without(name) = self {
                    fields.remove(name);
                }
                fields.values_mut().for_each(|value| self.change(value));
                if *self == Self::Novelties {
                    fields.insert("novelty".into(), json!({"since": 2027, "of": ["everywhere", null]}));
                }
            }
            Value::Array(all) => all.iter_mut().for_each(|value| self.change(value)),
            Value::Number(number) if *self == Self::Texts => *value = number.to_string().into(),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_change_in_all_their_depth() {
        let reshaped = |how: Reshape| {
            let reply = how.of(Reply::json(200, &json!({"id": 7, "all": [{"id": "8", "n": 1.5}]})));
            serde_json::from_slice::<Value>(&reply.body).expect("JSON")
        };
        assert_eq!(reshaped(Reshape::Texts), json!({"id": "7", "all": [{"id": "8", "n": "1.5"}]}));
        assert_eq!(reshaped(Reshape::Without("id".into())), json!({"all": [{"n": 1.5}]}));
        assert!(reshaped(Reshape::Novelties)["all"][0]["novelty"].is_object());
        assert_eq!(Reshape::Texts.of(Reply::text(200, "7 apples")).body, b"7 apples");
    }
}
