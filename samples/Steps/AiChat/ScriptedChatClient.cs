using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace AiChat;

/// <summary>
/// Replaces a language model: the answer repeats the words of the prompt, with one token for each word. If the prompt begins with
/// <c>talk</c>, the answer ignores the token limit, as some models do. If the prompt begins with <c>hang</c>, the usage is never reported.
/// </summary>
internal sealed class ScriptedChatClient : IChatClient
{
    private const int WordsOfAnAnswer = 14;
    private const int WordsOfATalk = 400;

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var words = messages.Last().Text.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, ..] prompt ? prompt : ["?"];
        var limit = words is ["talk", ..] ? WordsOfATalk : Math.Min(options?.MaxOutputTokens ?? WordsOfAnAnswer, WordsOfAnAnswer);
        for (var index = 0; index < limit; index++)
        {
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            yield return new ChatResponseUpdate(ChatRole.Assistant, words[index % words.Length] + " ");
        }

        if (words is ["hang", ..])
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }

        var usage = new UsageDetails { InputTokenCount = words.Length, OutputTokenCount = limit, TotalTokenCount = words.Length + limit };
        yield return new ChatResponseUpdate(ChatRole.Assistant, [new UsageContent(usage)]) { FinishReason = ChatFinishReason.Stop };
    }

    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public object? GetService(Type serviceType, object? serviceKey = null) => serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
        // The client has no resources.
    }
}
