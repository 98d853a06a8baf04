import { type ChatOptions, chatMessage } from '../report/chat-message.ts';
import { jsonLine } from '../report/rows.ts';
import { CHAT, type Notifier } from './notifier.ts';
import { messageAttributes, publishTo, type TopicOptions } from './sns.ts';

/**
 * Publishes the digest as a message that Amazon Q Developer in chat applications shows: other texts it drops. Needs
 * `sns:Publish` on a topic of its own, since other subscribers could not read it.
 */
export const chatNotifier = ({
  options,
  ...topic
}: TopicOptions & { readonly options: ChatOptions }): Notifier => ({
  name: CHAT,
  notify: ({ facts, anchor, digest, run }, signal) =>
    publishTo(
      topic,
      {
        Message: jsonLine(chatMessage({ ...facts, options }, anchor)),
        MessageAttributes: messageAttributes(digest.attributes),
        what: 'The message to the chat',
      },
      { id: run.run.id, signal },
    ),
});
